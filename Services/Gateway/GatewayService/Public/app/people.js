// Finds people for one place of the page, and goes on asking until the server answers.
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';

export class PeopleFinder {
  #store;
  #place;
  #onSignedOut;
  #turn = 0;
  #timer = null;

  /** `place` is the part of the state where the answers go: "search", "directory" or "switcher". */
  constructor(store, place, onSignedOut) {
    this.#store = store;
    this.#place = place;
    this.#onSignedOut = onSignedOut;
  }

  /** Finds those of whom any part of a name is the text; without one, the first of everybody. */
  find(text) {
    clearTimeout(this.#timer);
    return this.#ask(text);
  }

  /** The same once somebody has stopped typing for `pause` milliseconds. */
  findSoon(text, pause = 180) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.find(text), pause);
  }

  /** Goes on where the last answer ended. */
  more() {
    const { text, next } = this.#store.state.people[this.#place];
    return this.#ask(text, next);
  }

  /** An answer that is still on its way, or to be asked for, is not wanted any more. */
  stop() {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  async #ask(text, after) {
    const turn = this.#turn += 1;
    for (let attempt = 1; turn === this.#turn; attempt += 1) {
      try {
        const { users, next } = await api.users(text, after);
        if (turn === this.#turn) {
          this.#store.dispatch({ type: 'people-found', place: this.#place, text, users, next, append: Boolean(after) });
        }
        return;
      } catch (error) {
        if (error.isSignedOut) return this.#onSignedOut();
        if (!error.isTransient) return undefined;
        await pause(delayBefore(attempt, { atLeast: error.retryAfter }));
      }
    }
  }
}
