// What stands in the place of the form if nobody writes in a conversation. Its words are loaded when there is one.
import { laterModule } from '../assets.js';
import { element } from './dom.js';

const loadWords = laterModule('app/closed/main.js');

export class ComposerClosed {
  element = element('div', { class: 'composer-area', role: 'status', hidden: true });
  #onChoice;
  #drawn = null;

  /** `onChoice(choice)` is called with what this user wants to change. */
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
    if (reason) this.#fill(reason, displayName, drawn);
  }

  async #fill(reason, name, drawn) {
    try {
      const { closedWords } = await loadWords();
      if (this.#drawn === drawn) this.element.append(closedWords(reason, name, this.#onChoice));
    } catch {
      // The next drawing tries again.
      this.#drawn = null;
    }
  }
}
