// The way to what is done with messages, which is not loaded with the page.
import { laterModule } from '../assets.js';
import { loadOrSay } from './load-or-say.js';

const load = laterModule('app/message-menu/main.js', 'style/popup/main.css');
let module = null;

/** Loads it, so that everything is done at once. */
export async function loadMessageActions() {
  module ??= await load();
  return module;
}

export class MessageActions {
  #parts;
  #actions = null;

  /**
   * `list` is the message list, `composer` where texts are written, of the conversation with this id; `onMarkUnread(seq)`
   * makes a message, and what follows, unread again, and `onReaders(seq)` shows who has read it.
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** As `run`, `react` and `edit` of `Actions`. */
  run(...what) {
    return this.#do('run', what);
  }

  react(...what) {
    return this.#do('react', what);
  }

  edit(...what) {
    return this.#do('edit', what);
  }

  /** At once if it can: the focus may only be moved, and a text only be copied, while a click is being handled. */
  #do(name, what) {
    if (!module) return loadOrSay(loadMessageActions, 'This').then((loaded) => loaded && this.#do(name, what));
    this.#actions ??= module.begin(this.#parts);
    return this.#actions[name](...what);
  }
}
