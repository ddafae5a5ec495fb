// Loads the list of conversations page by page: some pages at once, so that what is unread is counted, and further ones
// when somebody comes to their end.
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';

const atOnce = 1_000;

export class ListPages {
  #store;
  #onSignedOut;
  #loading = false;

  constructor(store, onSignedOut) {
    this.#store = store;
    this.#onSignedOut = onSignedOut;
  }

  /** Loads the beginning; `first` is its first page, if the server's page has it. */
  async begin(first) {
    this.#loading = true;
    try {
      this.#listed(first ?? await api.conversations());
      while (this.#next && Object.keys(this.#store.state.conversations).length < atOnce) {
        this.#listed(await api.conversations(this.#next));
      }
    } catch (error) {
      if (error.isSignedOut) this.#onSignedOut();
      // Otherwise the first sync brings the same conversations.
      else this.#listed({ conversations: [], users: {}, next: this.#next });
    }
    this.#loading = false;
  }

  /** Loads the next page, unless one is on its way. */
  async more() {
    if (this.#loading || !this.#next) return;
    this.#loading = true;
    try {
      this.#listed(await api.conversations(this.#next));
    } catch (error) {
      if (error.isSignedOut) return this.#onSignedOut();
      await pause(delayBefore(2, { atLeast: error.retryAfter }));
    }
    this.#loading = false;
    return undefined;
  }

  get #next() {
    return this.#store.state.more;
  }

  #listed({ conversations, users, next }) {
    this.#store.dispatch({ type: 'conversations-listed', conversations, users, next });
  }
}
