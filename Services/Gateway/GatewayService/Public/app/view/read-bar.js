// Says that messages further up were jumped over and are still unread, leads to them, or lets them count as read.
import { element } from './dom.js';

export class ReadBar {
  #words = element('span');

  constructor({ onShow, onRead }) {
    this.element = element('div', { class: 'read-bar', hidden: true }, this.#words,
      element('button', { class: 'button quiet small', type: 'button', onclick: onShow }, 'Show'),
      element('button', { class: 'button quiet small', type: 'button', onclick: onRead }, 'Mark as read'));
  }

  draw(count) {
    this.element.hidden = count === 0;
    this.#words.textContent = count === 1 ? '1 message is unread' : `${count.toLocaleString()} messages are unread`;
  }
}
