// Tells the server how far this user has received and read, at most a few times a second for each conversation, and what
// was marked as unread.
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';
import { hasGap, newestSeq } from './conversation.js';

const quiet = 250;

export class Positions {
  #store;
  #told = new Map();
  #seen = new Map();
  /** Conversations whose mark as unread is on its way: what is read after it has to wait for it. */
  #marking = new Set();
  #timer = null;
  #readThrough;

  /** `readThrough(conversation)` answers up to which message a conversation was on the screen, in front of somebody. */
  constructor(store, readThrough) {
    this.#store = store;
    this.#readThrough = readThrough;
    store.subscribe(() => this.consider());
    // Something may have come before anybody listened.
    this.consider();
    // Whoever leaves right after reading has read: the page may not be there any more when the pause is over. The browser
    // has then ended the stream already, which says nothing about the server.
    addEventListener('pagehide', () => this.#tell({ always: true }));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.#tell({ always: true });
    });
  }

  /** Looks, soon, whether there is something to tell. */
  consider() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, quiet);
  }

  /** Somebody says that everything up to a message was read. */
  markRead(id, seq) {
    const conversation = this.#store.state.conversations[id];
    this.#read(conversation, seq);
    this.consider();
  }

  /**
   * Somebody wants a message, and what follows, to be unread again. Shown at once, and tried until the server has it.
   */
  async markUnread(id, seq) {
    const { conversations, me } = this.#store.state;
    const mine = conversations[id]?.members[me.id];
    if (!mine || seq > mine.read || this.#marking.has(id)) return;
    this.#marking.add(id);
    this.#store.dispatch({ type: 'unread-here', conversation: id, seq });
    for (let attempt = 1; this.#marking.has(id); attempt += 1) {
      try {
        const position = await api.markUnread(id, seq, mine.unreadMarks);
        this.#marking.delete(id);
        this.#store.dispatch({ type: 'position-changed', position });
      } catch (error) {
        if (error.isTransient) {
          await pause(delayBefore(attempt, { atLeast: error.retryAfter }));
          continue;
        }
        this.#marking.delete(id);
        this.#store.dispatch({ type: 'unread-refused', conversation: id, positions: mine });
      }
    }
  }

  /** Waits for a live stream unless it is to be tried `always`. */
  #tell({ always = false } = {}) {
    const { conversations, me, link, keptUnread } = this.#store.state;
    for (const conversation of Object.values(conversations)) {
      const newest = newestSeq(conversation);
      if (newest === 0 || hasGap(conversation) || this.#marking.has(conversation.id)) continue;
      // A stranger is not to learn that a request was seen.
      if (conversation.settings?.request) continue;
      const mine = conversation.members[me.id];
      if (!mine) continue;
      const told = this.#toldOf(conversation.id, mine);
      const through = keptUnread === conversation.id ? 0 : this.#readThrough(conversation);
      if (through > mine.read) this.#read(conversation, through);
      const seen = this.#seen.get(conversation.id) ?? 0;
      const position = {};
      if (told.received < newest && (mine.received < newest || told.received < seen)) position.received = newest;
      if (told.read < seen) Object.assign(position, { read: seen, unreadMarks: mine.unreadMarks });
      if (Object.keys(position).length > 0 && (always || link === 'live')) this.#send(conversation.id, position, told);
    }
  }

  /** What the server was told since the last mark as unread; what was read before that counts no more. */
  #toldOf(id, { received, read, unreadMarks }) {
    const told = this.#told.get(id);
    if (told?.unreadMarks === unreadMarks) return told;
    if (told) this.#seen.delete(id);
    return { received, read, unreadMarks };
  }

  /** Shows it as read at once, which must not make it look as if the server knew. */
  #read(conversation, seq) {
    const mine = conversation.members[this.#store.state.me.id];
    this.#told.set(conversation.id, this.#toldOf(conversation.id, mine));
    this.#seen.set(conversation.id, seq);
    this.#store.dispatch({ type: 'read-here', conversation: conversation.id, seq });
  }

  async #send(conversation, position, before) {
    this.#told.set(conversation, { ...before, ...position });
    try {
      const changed = await api.position(conversation, position);
      this.#store.dispatch({ type: 'position-changed', position: changed });
    } catch (error) {
      // Told again when something else changes or the link comes back; nothing is lost but a tick.
      this.#told.set(conversation, before);
      if (error.isTransient) setTimeout(() => this.consider(), 5_000);
    }
  }
}
