// The way to the dialogs, which are not loaded with the page.
import { laterModule } from '../assets.js';
import { insert } from './insert.js';
import { loadOrSay } from './load-or-say.js';

export class Dialogs {
  #load = laterModule('app/dialogs/main.js', 'style/dialogs/main.css', 'style/popup/main.css');
  #parts;
  #started = null;

  /** `parts` is what `start` of the loaded script is given. */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Opens one of them: "new-chat", "new-group", "switcher", "shortcuts", "group-info" or "contact" of a conversation, or "readers" of a message. */
  async open(name, ...what) {
    const typed = new Typing();
    const started = await loadOrSay(() => this.warm(), 'This');
    typed.end();
    if (!started) return;
    started.open[name](...what);
    if (typed.text && document.activeElement?.matches('input')) insert(document.activeElement, typed.text);
  }

  /** Loads them, so that they open at once; resolves with them. */
  async warm() {
    const { start } = await this.#load();
    this.#started ??= start(this.#parts);
    return this.#started;
  }

  draw(state) {
    this.#started?.draw(state);
  }
}

/** What somebody types while a dialog is on its way belongs into its field, not into what has the focus meanwhile. */
class Typing {
  text = '';
  #onKey = (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    this.text += event.key;
  };

  constructor() {
    addEventListener('keydown', this.#onKey, { capture: true });
  }

  end() {
    removeEventListener('keydown', this.#onKey, { capture: true });
  }
}
