// What screen readers are told: new messages from others, and not every changed mark of one's own.
import { plainText } from '../words.js';
import { element } from './dom.js';

export class News {
  element = element('p', { class: 'visually-hidden', role: 'status', dir: 'auto' });
  #announced = null;

  draw(state, { loaded, messages }) {
    if (!loaded) return;
    const newest = messages.at(-1);
    if (this.#announced !== null && newest?.seq > this.#announced && newest.sender !== state.me.id && !newest.deleted) {
      this.element.textContent = `${state.users[newest.sender]?.displayName ?? ''}: ${plainText(newest)}`;
    }
    this.#announced = newest?.seq ?? 0;
  }
}
