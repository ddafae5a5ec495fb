// What a message answers, above its text.
import { element } from './dom.js';

/** `quote` is `{ seq, name, text }`; without a text the original is deleted. */
export function quoteOf({ seq, name, text }) {
  return element('a', { class: 'quote', href: `#m${seq}`, tabindex: -1, 'data-focus': 'quote' },
    element('span', { class: 'visually-hidden' }, 'In reply to '),
    element('span', { class: 'quote-name' }, element('bdi', {}, name)),
    text === undefined
      ? element('span', { class: 'quote-text gone' }, 'Message deleted')
      : element('span', { class: 'quote-text', dir: 'auto' }, text));
}
