// Notices when there is something to tell of, and loads what tells of it then.
import { laterModule } from './assets.js';
import { arrivals } from './notices.js';
import { unreadTotal } from './selectors.js';
import { isAttended } from './view/sight.js';

// What can wait does so until the page has come to rest.
const rest = 3_000;

export class Notifying {
  #store;
  #settings;
  #load = laterModule('app/notify/main.js');
  #parts;
  #take = null;
  #waiting = [];
  #timer = null;

  /** `parts` is what `start` of the loaded script is given. */
  constructor(parts) {
    const { store, settings } = parts;
    this.#parts = parts;
    this.#store = store;
    this.#settings = settings;
    settings.onChanged = () => this.#readSettings();
    this.#readSettings();
    store.subscribe((after, before, event) => this.#consider(after, before, event));
    this.#wantLater(store.state);
  }

  #readSettings() {
    this.#store.dispatch({ type: 'notices-read', ...this.#settings.read() });
    this.#wantLater(this.#store.state);
  }

  #consider(after, before, event) {
    const ids = arrivals(after, before, event);
    if (ids.length > 0) {
      const isHere = isAttended();
      this.#waiting.push({
        ids, from: ids.map((id) => before.conversations[id]?.lastMessage?.seq ?? 0), isCaughtUp: event.type === 'sync-answered', isAway: !isHere, onScreen: isHere ? after.selected : null,
      });
      this.#flush();
    } else if (after.conversations !== before.conversations) {
      this.#wantLater(after);
    }
  }

  /** The tab's icon shows a number, and notifications that were turned on are closed when they are read elsewhere. */
  #wantLater(state) {
    if (this.#take || this.#timer !== null || !(unreadTotal(state) > 0 || this.#settings.read().on)) return;
    this.#timer = setTimeout(() => this.#flush(), rest);
  }

  async #flush() {
    try {
      const { start } = await this.#load();
      this.#take ??= start(this.#parts);
      for (const arrival of this.#waiting.splice(0)) this.#take(arrival);
    } catch {
      // The next arrival tries again; the title tells in any case.
      this.#timer = null;
    }
  }
}
