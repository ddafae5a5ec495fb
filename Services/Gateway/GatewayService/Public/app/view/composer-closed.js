// What stands in the place of the form if nobody writes in a conversation any more.
import { element } from './dom.js';

export class ComposerClosed {
  element = element('div', { class: 'composer-area', role: 'status', hidden: true });
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
    this.element.replaceChildren(...(reason ? [element('p', { class: 'composer-closed' }, ...this.#words(reason, displayName))] : []));
  }

  #words(reason, name) {
    if (reason === 'left') return [element('span', {}, 'You are not a member of this group any more.')];
    if (reason === 'refused') return [element('span', {}, element('bdi', {}, name), ' does not take messages from you.')];
    return [element('span', {}, 'You blocked ', element('bdi', {}, name), '.'),
      element('button', { class: 'button quiet small', type: 'button', onclick: this.#onUnblock }, 'Unblock')];
  }
}
