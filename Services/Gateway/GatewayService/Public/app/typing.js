// Who is writing: tells the server that this user is, and shows for some seconds that others are. Nothing of it is kept, and
// a notice that gets lost is no loss.
import { api } from './api.js';
import { isTypingShown } from './typing-choice.js';

// The server passes on one notice a second.
const interval = 3_000;
// Somebody whose next notice does not come has stopped.
const shownFor = 6_500;

export class Typing {
  #store;
  #told = new Map();
  #ends = new Map();

  constructor(store) {
    this.#store = store;
  }

  /** This user has changed what is to be sent in a conversation. */
  tell(conversation) {
    if (this.#store.state.link !== 'live' || !this.#isShown()) return;
    const now = performance.now();
    if (now - (this.#told.get(conversation) ?? -Infinity) < interval) return;
    this.#told.set(conversation, now);
    api.typing(conversation).catch(() => undefined);
  }

  /** What was being written is sent or gone: the next word is told at once. */
  stopped(conversation) {
    this.#told.delete(conversation);
  }

  /** A notice has come of somebody else. */
  heard({ conversation, user }) {
    if (!this.#isShown()) return;
    const key = `${conversation} ${user}`;
    clearTimeout(this.#ends.get(key));
    this.#store.dispatch({ type: 'typing-heard', conversation, user });
    this.#ends.set(key, setTimeout(() => {
      this.#ends.delete(key);
      this.#store.dispatch({ type: 'typing-ended', conversation, user });
    }, shownFor));
  }

  #isShown() {
    return isTypingShown(this.#store.state.me.id);
  }
}
