// Unfinished texts, kept by conversation in localStorage and the same in every tab of this browser: the newest counts.
import { stored } from './stored.js';

const prefix = 'martlet-draft-';

export class Drafts {
  #userId;

  constructor(userId) {
    this.#userId = userId;
    /** Called with a conversation when a draft was written, here or in another tab. */
    this.onWritten = () => undefined;
    addEventListener('storage', ({ key }) => {
      if (key?.startsWith(this.#key(''))) this.onWritten(key.slice(this.#key('').length));
    });
  }

  /** The conversations that have a draft. */
  conversations() {
    const keys = stored(() => Object.keys(localStorage)) ?? [];
    return keys.filter((key) => key.startsWith(this.#key(''))).map((key) => key.slice(this.#key('').length));
  }

  /**
   * The draft of a conversation, `{ text, at, replyTo }`, with the moment of writing in milliseconds and what it answers, if
   * it does; empty if there is none.
   */
  read(conversation) {
    return decoded(stored(() => localStorage.getItem(this.#key(conversation))));
  }

  /** Keeps a text; an empty one is forgotten. */
  write(conversation, text, replyTo) {
    const key = this.#key(conversation);
    if (text) stored(() => localStorage.setItem(key, JSON.stringify({ text, at: Date.now(), replyTo })));
    else stored(() => localStorage.removeItem(key));
    this.onWritten(conversation);
  }

  /** Calls `onChange` when another tab has changed the draft of a conversation, until `signal` is aborted. */
  watch(conversation, onChange, signal) {
    const key = this.#key(conversation);
    // Without a key, everything was cleared.
    addEventListener('storage', (event) => {
      if (event.key === key || event.key === null) onChange();
    }, { signal });
  }

  /** Forgets every draft of this user. */
  clear() {
    for (const conversation of this.conversations()) stored(() => localStorage.removeItem(this.#key(conversation)));
  }

  #key(conversation) {
    return `${prefix}${this.#userId}-${conversation}`;
  }
}

function decoded(value) {
  if (!value) return { text: '', at: 0 };
  try {
    const { text, at, replyTo } = JSON.parse(value);
    if (typeof text === 'string') return { text, at: Number(at) || 0, replyTo };
  } catch {
    // Written before drafts had a time.
  }
  return { text: value, at: 0 };
}
