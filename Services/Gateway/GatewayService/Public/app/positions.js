// Tells the server how far this user has received and read, at most a few times a second for each conversation.
import { api } from './api.js';
import { hasGap, newestSeq } from './conversation.js';

const quiet = 250;

export class Positions {
  #store;
  #told = new Map();
  #seen = new Map();
  #timer = null;
  #readThrough;

  /** `readThrough(conversation)` answers up to which message a conversation was on the screen, in front of somebody. */
  constructor(store, readThrough) {
    this.#store = store;
    this.#readThrough = readThrough;
    store.subscribe(() => this.consider());
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

  #tell() {
    const { conversations, me, link } = this.#store.state;
    for (const conversation of Object.values(conversations)) {
      const newest = newestSeq(conversation);
      if (newest === 0 || hasGap(conversation)) continue;
      const mine = conversation.members[me.id];
      if (!mine) continue;
      const told = this.#told.get(conversation.id) ?? { received: mine.received, read: mine.read };
      const through = this.#readThrough(conversation);
      if (through > mine.read) this.#read(conversation, through);
      const seen = this.#seen.get(conversation.id) ?? 0;
      const position = {};
      if (told.received < newest && (mine.received < newest || told.received < seen)) position.received = newest;
      if (told.read < seen) position.read = seen;
      if (Object.keys(position).length > 0 && link === 'live') this.#send(conversation.id, position, told);
    }
  }

  /** Shows it as read at once, which must not make it look as if the server knew. */
  #read(conversation, seq) {
    const { received, read } = conversation.members[this.#store.state.me.id];
    if (!this.#told.has(conversation.id)) this.#told.set(conversation.id, { received, read });
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
