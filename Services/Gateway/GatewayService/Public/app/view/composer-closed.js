// What stands in the place of the form if nobody writes in a conversation.
import { element } from './dom.js';

export class ComposerClosed {
  element = element('div', { class: 'composer-area', role: 'status', hidden: true });
  #onChoice;
  #drawn = null;

  /** `onChoice(choice)` is called with what this user wants to change: see `choices.js`. */
  constructor(onChoice) {
    this.#onChoice = onChoice;
  }

  /** `reason` is that of `closedBy`, `other` the other person. */
  draw(reason, { displayName }) {
    const drawn = `${reason} ${displayName}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.hidden = !reason;
    this.element.replaceChildren();
    if (reason) this.element.append(element('div', { class: 'composer-closed' }, ...this.#words(reason, displayName)));
  }

  /** Goes to the first button, if there is one. */
  focus() {
    const button = this.element.querySelector('button');
    button?.focus();
    return button;
  }

  #words(reason, name) {
    const who = element('bdi', {}, name);
    const line = (...words) => element('span', {}, ...words);
    const button = (words, kind, choice) => element('button', {
      class: `button ${kind} small`, type: 'button', onclick: () => this.#onChoice(choice),
    }, words);
    if (reason === 'left') return [line('You are not a member of this group any more.')];
    if (reason === 'refused') return [line(who, ' does not take messages from you.')];
    if (reason === 'blocked') return [line('You blocked ', who, '.'), button('Unblock', 'quiet', { blocked: false })];
    const accept = button('Accept', 'primary', { request: 'accepted' });
    if (reason === 'declined') return [line('You declined this request. ', who, ' was not told.'), accept];
    return [
      line('You had no group in common with ', who, ', who does not learn whether you have seen this unless you accept.'),
      element('div', { class: 'buttons' }, accept, button('Decline', 'quiet', { request: 'declined' }),
        button('Block', 'quiet', { request: 'declined', blocked: true })),
    ];
  }
}
