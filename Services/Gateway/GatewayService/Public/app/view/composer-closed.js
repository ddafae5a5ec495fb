// What stands in the place of the form if nobody writes in a conversation any more.
import { element } from './dom.js';

export class ComposerClosed {
  element = element('div', { class: 'composer-area', hidden: true });
  #onUnblock;
  #drawn = null;

  /** `onUnblock()` is called when this user wants to talk to the other one again. */
  constructor(onUnblock) {
    this.#onUnblock = onUnblock;
  }

  /** `reason` is that of `closedBy`, `other` the other person. */
  draw(reason, { displayName }) {
    const drawn = `${reason} ${displayName}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.hidden = !reason;
    this.element.replaceChildren(element('p', { class: 'composer-closed', role: 'status' },
      ...(reason === 'blocked' ? [
        element('span', {}, 'You blocked ', element('bdi', {}, displayName), '.'),
        element('button', { class: 'button quiet small', type: 'button', onclick: this.#onUnblock }, 'Unblock'),
      ] : [element('span', {}, element('bdi', {}, displayName), ' does not take messages from you.')])));
  }
}
