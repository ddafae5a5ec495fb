// The round button over the messages that leads to the newest one, and counts what is new further down.
import { element, icon } from './dom.js';

export class Jump {
  #count = element('span', { class: 'badge', hidden: true });

  constructor(onClick) {
    this.element = element('button', {
      class: 'icon-button jump', type: 'button', title: 'Jump to newest', onclick: onClick, hidden: true,
    }, element('span', { class: 'visually-hidden' }, 'Jump to newest'), icon('down'), this.#count);
  }

  /** `below` is how many messages of others further down were not seen yet. */
  draw({ hidden, below }) {
    this.element.hidden = hidden;
    this.#count.hidden = below === 0;
    this.#count.replaceChildren(below > 999 ? '999+' : String(below),
      element('span', { class: 'visually-hidden' }, ' new'));
  }
}
