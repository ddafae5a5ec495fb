// What formatting does to a text and its selection. Pure.

const around = { bold: '**', italic: '_', strike: '~~', code: '`' };
const lines = {
  bullets: { is: /^\s*[-*+] /, mark: () => '- ' },
  numbers: { is: /^\s*\d+[.)] /, mark: (index) => `${index + 1}. ` },
  quote: { is: /^> ?/, mark: () => '> ' },
};

/**
 * Formats what is selected from `from` to `to`, or takes the formatting back if it is there. Answers which stretch becomes
 * what, and what is selected then: `{ from, to, text, start, end }`.
 */
export function formatting(kind, value, from, to) {
  if (around[kind]) return wrapped(around[kind], value, from, to);
  if (lines[kind]) return marked(lines[kind], value, from, to);
  return kind === 'link' ? linked(value, from, to) : fenced(value, from, to);
}

function wrapped(mark, value, from, to) {
  // Marks hold only beside letters.
  while (from < to && /\s/.test(value[from])) from += 1;
  while (to > from && /\s/.test(value[to - 1])) to -= 1;
  const selected = value.slice(from, to);
  const size = mark.length;
  if (selected.length > 2 * size && selected.startsWith(mark) && selected.endsWith(mark)) {
    return { from, to, text: selected.slice(size, -size), start: from, end: to - 2 * size };
  }
  if (value.slice(Math.max(0, from - size), from) === mark && value.slice(to, to + size) === mark) {
    return { from: from - size, to: to + size, text: selected, start: from - size, end: to - size };
  }
  return { from, to, text: mark + selected + mark, start: from + size, end: to + size };
}

function marked({ is, mark }, value, from, to) {
  const start = value.lastIndexOf('\n', from - 1) + 1;
  const next = value.indexOf('\n', to);
  const end = next < 0 ? value.length : next;
  const all = value.slice(start, end).split('\n');
  const isOn = all.every((line) => is.test(line));
  const text = all.map((line, index) => (isOn ? line.replace(is, '') : mark(index) + line.replace(is, ''))).join('\n');
  const isCaret = from === to;
  return { from: start, to: end, text, start: isCaret ? start + text.length : start, end: start + text.length };
}

function linked(value, from, to) {
  const selected = value.slice(from, to);
  if (/^(https?:\/\/|www\.)\S+$/.test(selected)) {
    return { from, to, text: `[](${selected})`, start: from + 1, end: from + 1 };
  }
  const begin = from + selected.length + 3;
  return { from, to, text: `[${selected}](https://)`, start: begin, end: begin + 'https://'.length };
}

function fenced(value, from, to) {
  const before = from > 0 && value[from - 1] !== '\n' ? '\n```\n' : '```\n';
  const after = to < value.length && value[to] !== '\n' ? '\n```\n' : '\n```';
  const start = from + before.length;
  return { from, to, text: before + value.slice(from, to) + after, start, end: start + to - from };
}
