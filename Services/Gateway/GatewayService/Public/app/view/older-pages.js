// Loads older messages of a conversation, one page at a time.
import { api } from '../api.js';

// Keeps a server in trouble from being asked at every pixel that somebody scrolls.
const pauseAfterFailure = 2_000;

export class OlderPages {
  #store;
  #id;
  #isPausing = false;

  constructor(store, id) {
    this.#store = store;
    this.#id = id;
  }

  /** Loads at most `limit` more messages. Resolves whether that went well; null if there is nothing to do now. */
  async load(limit) {
    const conversation = this.#conversation;
    if (!conversation.loaded || !conversation.hasOlder || conversation.loadingOlder || this.#isPausing) return null;
    const before = conversation.messages[0].seq;
    this.#store.dispatch({ type: 'older-requested', conversation: this.#id });
    try {
      const page = await api.older(this.#id, before, limit);
      this.#store.dispatch({ type: 'older-loaded', conversation: this.#id, page, before });
      // A page from a server that is behind is not taken.
      if (page.messages.length === 0 || this.#conversation.messages[0]?.seq !== before) return true;
    } catch {
      this.#store.dispatch({ type: 'older-failed', conversation: this.#id });
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
