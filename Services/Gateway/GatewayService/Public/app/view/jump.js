// The button over the messages that leads to the newest one, and counts what is new further down.
import { element, icon } from './dom.js';

export class Jump {
  #count = element('span', { class: 'badge', hidden: true });
  #words = element('span', {}, 'Jump to newest');

  constructor(onClick) {
    this.element = element('div', { class: 'jump', hidden: true },
      element('button', { class: 'button jump-button', type: 'button', onclick: onClick },
        this.#words, icon('down'), this.#count));
  }

  /** `below` is how many messages of others further down were not seen yet. */
  draw({ hidden, below }) {
    this.element.hidden = hidden;
    this.#count.hidden = below === 0;
    this.#count.replaceChildren(below > 999 ? '999+' : String(below),
      element('span', { class: 'visually-hidden' }, ' new'));
  }
}
