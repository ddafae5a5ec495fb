// Where a text is code, in which names are nothing but text.

const fence = /^ {0,3}(`{3,}|~{3,})/;

/** Whether a fence or backticks are open at the end of a text, or its last line is indented as code is. */
export function endsInCode(text) {
  const lines = text.split('\n');
  let open = null;
  let paragraph = [];
  for (const line of lines) {
    const mark = fence.exec(line)?.[1];
    if (open) {
      if (mark?.startsWith(open)) open = null;
    } else if (mark) {
      open = mark;
      paragraph = [];
    } else if (line.trim()) {
      paragraph.push(line);
    } else {
      paragraph = [];
    }
  }
  if (open || /^( {4}|\t)/.test(lines.at(-1))) return true;
  let span = 0;
  for (const [{ length }] of paragraph.join('\n').matchAll(/`+/g)) {
    if (span === 0) span = length;
    else if (span === length) span = 0;
  }
  return span > 0;
}
