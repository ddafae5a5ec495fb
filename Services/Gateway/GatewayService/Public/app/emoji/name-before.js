// What stands before the caret, where the name of an emoji may be written.

// A name may stand at the beginning, behind a space or an opening sign, or behind an emoji; not behind a letter, a digit, a
// colon or a slash, as in times, addresses and paths.
const name = /(?<=^|[\s([{<"'“‘*_~>-]|\p{Extended_Pictographic}|\ufe0f|[\u{1f3fb}-\u{1f3ff}]):([\p{L}\p{N}_+-]{2,40})(:?)$/u;
const fence = /^ {0,3}(`{3,}|~{3,})/;

/**
 * The name of an emoji that ends at `caret`: `{ name, from, isClosed }`, where `from` is the place of its first colon and
 * `isClosed` whether the second one stands there. Null if there is none, or what is there looks like code or an address.
 */
export function nameBefore(text, caret) {
  const before = text.slice(0, caret);
  const match = name.exec(before);
  if (!match || isInAddress(before) || isInCode(before)) return null;
  return { name: match[1].toLowerCase(), from: match.index, isClosed: match[2] === ':' };
}

function isInAddress(before) {
  const word = /\S*$/.exec(before)[0];
  return /:\/\/|^\W*(www\.|mailto:)|^\W*\w[\w.+-]*@/i.test(word);
}

/** Whether a fence or backticks are open, or the line is indented as code is. */
function isInCode(before) {
  const lines = before.split('\n');
  let open = null;
  let paragraph = [];
  for (const line of lines) {
    const mark = fence.exec(line)?.[1];
    if (open) {
      if (mark?.startsWith(open)) open = null;
    } else if (mark) {
      open = mark;
      paragraph = [];
    } else {
      paragraph = line.trim() ? [...paragraph, line] : [];
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
