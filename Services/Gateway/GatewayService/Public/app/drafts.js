// Unfinished texts, kept by conversation in localStorage and the same in every tab of this browser: the newest counts. What
// `drafts-sync` loads later makes them the same in all browsers of their writer.
import { stored } from './stored.js';

const prefix = 'martlet-draft-';

/** Where is kept what this browser and the server agree on. */
export const agreedKey = (userId) => `martlet-agreed-drafts-${userId}`;

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

  /** Keeps a text. That there is none any more is kept as well, until every browser knows. */
  write(conversation, text, replyTo) {
    const known = this.read(conversation);
    if (known.text === text && known.replyTo?.seq === replyTo?.seq) return;
    // Two states never have the same time.
    const at = Math.max(Date.now(), known.at + 1);
    stored(() => localStorage.setItem(this.#key(conversation), JSON.stringify({ text, at, replyTo })));
    this.onWritten(conversation);
  }

  /** The same with a text from elsewhere: whoever watches is told, also in this tab. */
  adopt(conversation, text, replyTo) {
    this.write(conversation, text, replyTo);
    dispatchEvent(new StorageEvent('storage', { key: this.#key(conversation) }));
  }

  forget(conversation) {
    stored(() => localStorage.removeItem(this.#key(conversation)));
  }

  /** Calls `onChange` when somebody else has changed the draft of a conversation, until `signal` is aborted. */
  watch(conversation, onChange, signal) {
    const key = this.#key(conversation);
    // Without a key, everything was cleared.
    addEventListener('storage', (event) => {
      if (event.key === key || event.key === null) onChange();
    }, { signal });
  }

  /** Forgets every draft of this user. */
  clear() {
    for (const conversation of this.conversations()) this.forget(conversation);
    stored(() => localStorage.removeItem(agreedKey(this.#userId)));
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
