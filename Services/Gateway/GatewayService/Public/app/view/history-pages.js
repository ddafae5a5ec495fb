// Loads pages of a conversation's history, one at a time: before or after what is shown, or around a message in its place.
import { api } from '../api.js';

// Keeps a server in trouble from being asked at every pixel that somebody scrolls.
const pauseAfterFailure = 2_000;
// So many numbers after a message are loaded with it.
const after = 25;

export class HistoryPages {
  #store;
  #id;
  #isPausing = false;

  constructor(store, id) {
    this.#store = store;
    this.#id = id;
  }

  /** Loads at most `limit` more messages before what is shown. Resolves like every load. */
  older(limit) {
    const { hasOlder, messages } = this.#conversation;
    if (!hasOlder || messages.length === 0) return null;
    return this.#load('older', messages[0].seq, (from) => api.history(this.#id, { before: from, limit }));
  }

  /** Loads more messages after what is shown. */
  newer() {
    const { hasNewer, messages } = this.#conversation;
    if (!hasNewer || messages.length === 0) return null;
    return this.#load('newer', messages.at(-1).seq, (from) => api.history(this.#id, { after: from, limit: 50 }));
  }

  /** Loads a message and what is around it, or, without a number, the newest ones. */
  around(seq) {
    const before = seq === undefined ? undefined : seq + after;
    return this.#load('around', undefined, () => api.history(this.#id, { before, limit: 50 }));
  }

  /** Resolves whether that went well; null if there is nothing to do now. */
  async #load(side, from, ask) {
    const conversation = this.#conversation;
    if (!conversation.loaded || conversation.loading || this.#isPausing) return null;
    this.#store.dispatch({ type: 'history-requested', conversation: this.#id, side });
    try {
      const page = await ask(from);
      const before = this.#conversation.messages;
      this.#store.dispatch({ type: 'history-loaded', conversation: this.#id, side, from, page });
      // A page from a server that is behind is not taken.
      if (page.messages.length === 0 || this.#conversation.messages !== before) return true;
    } catch {
      this.#store.dispatch({ type: 'history-failed', conversation: this.#id });
    }
    this.#isPausing = true;
    setTimeout(() => {
      this.#isPausing = false;
    }, pauseAfterFailure);
    return false;
  }

  get #conversation() {
    return this.#store.state.conversations[this.#id];
  }
}
