// What somebody wants to be told of in this browser: kept by user in localStorage, the same in every tab, or in the page if
// the browser stores nothing.
import { StoredValue, stored } from './stored.js';

const prefix = 'martlet-notifications-';
/** Where it is kept of which messages the tabs of this browser have told. */
export const toldKey = (userId) => `martlet-told-${userId}`;

const initial = {
  /** Whether notifications of the system are wanted; the browser has to allow them as well. */
  on: false,
  /** Whether a notification shows what was written, and not only by whom. */
  text: true,
  sound: false,
  quiet: { on: false, from: '22:00', to: '07:30' },
  /** Of conversations that are not muted: "all" or "none". */
  direct: 'all',
  /** Whether somebody has answered the question in the chat. */
  asked: false,
};

export class NoticeSettings {
  #key;
  #kept;

  constructor(userId) {
    this.#key = prefix + userId;
    this.#kept = new StoredValue(this.#key);
  }

  read() {
    return { ...initial, ...this.#kept.read() };
  }

  /** Changes some of them. */
  change(changes) {
    this.#kept.write({ ...this.read(), ...changes });
    this.onChanged();
  }

  /** The conversations that earlier versions muted in this browser alone; answers them once. */
  takeMuted() {
    const { levels = {} } = this.read();
    if (Object.keys(levels).length > 0) this.change({ levels: undefined });
    return Object.keys(levels).filter((id) => levels[id] === 'none');
  }

  /** Called after a change, here or in another tab. */
  onChanged = () => undefined;

  /** Calls `onChanged()` also for changes in other tabs. */
  watch() {
    addEventListener('storage', ({ key }) => {
      if (key === this.#key || key === null) this.onChanged();
    });
    return this;
  }
}

/** Deletes from this browser what a user chose and was told of. */
export function forgetNotices(userId) {
  for (const key of [prefix + userId, toldKey(userId)]) stored(() => localStorage.removeItem(key));
}
