// The way to the menu of a conversation, which is not loaded with the page.
import { laterModule } from '../assets.js';
import { loadOrSay } from './load-or-say.js';

export class ConversationMenu {
  #load = laterModule('app/conversation-menu/main.js', 'style/popup/main.css');
  #parts;

  /** `parts` is what `openMenu` of the loaded script is given. */
  constructor(parts) {
    this.#parts = parts;
    document.getElementById('conversation-list').addEventListener('contextmenu', (event) => {
      const row = event.target.closest('li');
      // With Shift it is the browser's own.
      if (!row?.dataset.key || event.shiftKey) return;
      event.preventDefault();
      const point = new DOMRect(event.clientX, event.clientY);
      // A key that asks for it has no place of its own.
      this.open(row.dataset.key, event.button === 2 ? { getBoundingClientRect: () => point } : row);
    });
  }

  /** Opens it beside `anchor`, for the conversation with this id. */
  async open(conversation, anchor) {
    (await loadOrSay(() => this.warm(), 'The menu'))?.openMenu({ ...this.#parts, conversation, anchor });
  }

  /** Loads it, so that it opens at once. */
  warm() {
    return this.#load();
  }
}
