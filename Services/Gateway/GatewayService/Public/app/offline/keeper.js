// Keeps in this browser what the tab shows, soon after it changed.
import { presentAppearance } from '../appearance.js';
import { isKeepingWanted } from '../kept.js';
import { Archive } from './archive.js';
import { listOf, pageOf } from './records.js';

const quiet = 2_000;

export class Keeper {
  #store;
  #written = new Map();
  #timer = null;
  #ended = false;

  constructor(store) {
    this.#store = store;
    store.subscribe((after, before) => {
      if (after.conversations !== before.conversations || after.users !== before.users) this.#soon();
    });
    // It may be the last that this tab can do.
    document.addEventListener('visibilitychange', () => {
      if (document.hidden && this.#timer !== null) this.#write();
    });
    this.#soon();
  }

  /** Keeps nothing any more. */
  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #soon() {
    if (!this.#ended) this.#timer ??= setTimeout(() => this.#write(), quiet);
  }

  async #write() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { state } = this.#store;
    if (this.#ended || !state.listed || !isKeepingWanted(state.me.id)) return;
    const at = Date.now();
    // What is kept ends with the newest message: while a tab shows an earlier part, what was kept before stays.
    const changed = Object.values(state.conversations)
      .filter((each) => each.loaded && !each.hasNewer && this.#written.get(each.id) !== each);
    const list = { ...listOf(state), at, appearance: presentAppearance() };
    try {
      await Archive.write(state.me.id, list, changed.map((each) => pageOf(each, at)));
      for (const each of changed) this.#written.set(each.id, each);
    } catch {
      // A browser that keeps nothing shows nothing without a connection.
    }
  }
}
