// A round button over the messages that leads somewhere, and counts what is there.
import { element } from './dom.js';

export class Jump {
  #count = element('span', { class: 'badge', hidden: true });
  #unit;

  /** `unit` is the word behind the count, for screen readers. */
  constructor({ title, name, mark, unit, onClick }) {
    this.#unit = unit;
    this.element = element('button', { class: `icon-button jump ${name}`, type: 'button', title, onclick: onClick, hidden: true },
      element('span', { class: 'visually-hidden' }, title), mark, this.#count);
  }

  draw({ hidden, count }) {
    this.element.hidden = hidden;
    this.#count.hidden = count === 0;
    this.#count.replaceChildren(count > 999 ? '999+' : String(count),
      element('span', { class: 'visually-hidden' }, ` ${this.#unit}`));
  }
}
