// Catches up whenever the state says that something may be missing: after (re)connecting, after a gap that did not close
// by itself, after the server said so, and when a digest shows a head that this tab does not have.
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';
import { countGaps, hasGaps } from './selectors.js';

// Events of one conversation may overtake each other for this long before a gap counts as one.
const gapPatience = 300;
// A page that is behind asks again at least this often: half a minute after the servers are well again, nobody is behind.
const longestPause = 10_000;

export class Sync {
  #store;
  #onSignedOut;
  #running = false;
  #gapTimer = null;

  constructor(store, onSignedOut) {
    this.#store = store;
    this.#onSignedOut = onSignedOut;
    store.subscribe((state, before) => this.#consider(state, before));
  }

  #consider(state) {
    if (state.needsSync && state.link === 'live') this.#run();
    if (hasGaps(state) && this.#gapTimer === null) {
      this.#gapTimer = setTimeout(() => {
        this.#gapTimer = null;
        if (hasGaps(this.#store.state)) this.#store.dispatch({ type: 'sync-wanted' });
      }, gapPatience);
    }
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    let attempt = 0;
    while (this.#store.state.needsSync) {
      this.#store.dispatch({ type: 'sync-started' });
      try {
        const cursors = this.#cursors();
        const answer = await api.sync(cursors, this.#recent(), Math.min(1_000, countGaps(this.#store.state)));
        this.#store.dispatch({ type: 'sync-answered', answer, cursors });
        attempt = 0;
      } catch (error) {
        if (error.isSignedOut) {
          this.#onSignedOut();
          break;
        }
        attempt += 1;
        this.#store.dispatch({ type: 'sync-failed' });
        await pause(delayBefore(attempt, { limit: longestPause, atLeast: error.retryAfter }));
      }
    }
    this.#running = false;
  }

  /**
   * The cursors of the conversations whose messages this tab shows, and of groups, so that the answer tells which of them this
   * user is no member of any more; the newest thousand, which is the server's limit.
   */
  #cursors() {
    const loaded = Object.values(this.#store.state.conversations).filter((each) => each.loaded || (each.group && !each.isLeft));
    return Object.fromEntries(loaded.slice(-1_000).map((each) => [each.id, each.head]));
  }

  #recent() {
    return Math.min(200, Math.max(50, Object.keys(this.#store.state.conversations).length));
  }
}
