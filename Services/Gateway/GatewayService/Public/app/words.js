// The words of a message without their formatting: for previews, quotes and screen readers.

const blocks = new Set(['quote', 'list', 'item', 'code-block']);

/** What is said, as text. The server makes the tree, and its previews, by the same rules. */
export function plainText({ text, formatted }) {
  return formatted ? textOf(formatted).trimEnd() : text;
}

function textOf(parts, before = '') {
  return parts.reduce((text, part) => {
    if (typeof part === 'string') return text + part;
    const isBlock = blocks.has(part.type);
    const start = isBlock && text && !text.endsWith('\n') ? `${text}\n` : text;
    const whole = textOf(part.content, start);
    return isBlock && part.type !== 'item' ? `${whole}\n` : whole;
  }, before);
}
