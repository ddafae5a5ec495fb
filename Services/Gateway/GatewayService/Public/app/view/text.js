// The text of a message.
import { element, icon } from './dom.js';

export function textOf({ text, deleted }) {
  if (deleted) return element('p', { class: 'text gone' }, icon('delete'), 'Message deleted');
  return element('p', { class: 'text' }, ...withLinks(text));
}

/** The text with its web addresses as links. */
function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gu)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(URL.canParse(match[0])
      ? element('a', { href: match[0], rel: 'noopener noreferrer nofollow', target: '_blank' }, match[0])
      : match[0]);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}
