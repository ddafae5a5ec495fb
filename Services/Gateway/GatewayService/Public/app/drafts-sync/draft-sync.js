// Keeps the drafts of this browser and those of the server the same. The server decides which of two was written later, by the
// time that has passed since: so it does not matter whose clock is right.
import { api, request } from '../api.js';
import { messageAt } from '../messages.js';
import { agreedKey } from '../drafts.js';
import { StoredValue } from '../stored.js';

// So long after the last key a text is sent; and after an attempt that failed.
const pauseInTyping = 1_500;
const pauseInTrouble = 10_000;
// Longer ones stay in this browser: nobody could send them, either.
const mostBytes = 16_384;
// Of so many conversations it is remembered that both sides have no draft any more.
const mostEnded = 200;

const encoder = new TextEncoder();

export class DraftSync {
  #store;
  #drafts;
  /** `{ asOf, drafts }`: how far the server's were taken, and of each what both sides have: `at` here, `writtenAt` there. */
  #agreed;
  #timers = new Map();
  #retry = null;
  /** What is on its way to the server, by conversation, and what was heard of it meanwhile. */
  #saving = new Map();
  #heard = new Map();

  constructor(store, drafts) {
    this.#store = store;
    this.#drafts = drafts;
    this.#agreed = new StoredValue(agreedKey(store.state.me.id));
    const { onWritten } = drafts;
    drafts.onWritten = (conversation) => {
      onWritten(conversation);
      // Where nobody looks nobody writes: it is another tab's.
      if (!document.hidden) this.#saveLater(conversation, pauseInTyping);
    };
    store.subscribe((after, before) => {
      if (after.link === 'live' && before.link !== 'live') this.#catchUp();
    });
    document.addEventListener('visibilitychange', () => (document.hidden ? this.flush() : this.#catchUp()));
    addEventListener('pagehide', () => this.flush());
    this.#catchUp();
  }

  /** Another browser, or this one, has kept a draft. */
  async heard(draft) {
    const { conversation, writtenAt } = draft;
    // What comes of the one that is on its way is known first.
    if (this.#saving.has(conversation)) {
      this.#heard.set(conversation, draft);
      return;
    }
    const here = this.#drafts.read(conversation);
    if (isSame(here, draft)) this.#agree(conversation, here.at, writtenAt);
    else if (this.#isChanged(conversation, here)) this.#saveLater(conversation, pauseInTyping);
    else if (writtenAt > (this.#agreedOn(conversation)?.writtenAt ?? '')) await this.#adopt(draft, here.at);
  }

  /** Sends what waits, also if the page goes. */
  async flush() {
    await Promise.all(this.#drafts.conversations().map((conversation) => this.#save(conversation, { keepalive: true })));
  }

  async #catchUp() {
    const { asOf } = this.#agreed.read();
    try {
      const answer = await request('GET', `/drafts?${new URLSearchParams(asOf ? { since: asOf } : {})}`);
      for (const draft of answer.drafts) await this.heard(draft);
      this.#agreed.write({ ...this.#agreed.read(), asOf: answer.asOf });
      for (const conversation of this.#drafts.conversations()) await this.#save(conversation);
    } catch (error) {
      // Without a connection, again when it is back.
      clearTimeout(this.#retry);
      if (error.isTransient && this.#store.state.link === 'live') this.#retry = setTimeout(() => this.#catchUp(), pauseInTrouble);
    }
  }

  #saveLater(conversation, delay) {
    clearTimeout(this.#timers.get(conversation));
    this.#timers.set(conversation, setTimeout(() => this.#save(conversation), delay));
  }

  /** One at a time for each conversation: a request that is slow must not pass for the later one. */
  async #save(conversation, options) {
    clearTimeout(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    if (this.#saving.has(conversation) || !this.#isChanged(conversation, this.#drafts.read(conversation))) return;
    const saving = this.#send(conversation, options);
    this.#saving.set(conversation, saving);
    await saving;
    this.#saving.delete(conversation);
    const heard = this.#heard.get(conversation);
    this.#heard.delete(conversation);
    if (heard) await this.heard(heard);
    if (!this.#timers.has(conversation) && this.#isChanged(conversation, this.#drafts.read(conversation))) {
      this.#saveLater(conversation, pauseInTyping);
    }
  }

  async #send(conversation, options) {
    const here = this.#drafts.read(conversation);
    if (encoder.encode(here.text).length > mostBytes) {
      this.#saveLater(conversation, pauseInTrouble);
      return;
    }
    // Whatever becomes of the request, the server may have it from now on.
    if (!this.#agreedOn(conversation)) this.#note(conversation, { at: -1, writtenAt: '' });
    try {
      const kept = await request('PUT', `/conversations/${conversation}/draft`, {
        text: here.text, replyTo: here.replyTo?.seq, age: Math.max(0, Date.now() - here.at),
      }, options);
      if (isSame(here, kept)) this.#agree(conversation, here.at, kept.writtenAt);
      else await this.#adopt(kept, here.at);
    } catch (error) {
      this.#saveLater(conversation, error.isTransient ? error.retryAfter ?? pauseInTrouble : 360 * pauseInTrouble);
    }
  }

  /** Takes a draft of the server, unless somebody has written on here since `at`. */
  async #adopt({ conversation, text, replyTo, writtenAt }, at) {
    const quote = replyTo && await this.#quoteOf(conversation, replyTo).catch(() => undefined);
    if (this.#drafts.read(conversation).at !== at) return;
    this.#drafts.adopt(conversation, text, quote);
    this.#agree(conversation, this.#drafts.read(conversation).at, writtenAt);
    clearTimeout(this.#timers.get(conversation));
    this.#timers.delete(conversation);
  }

  /** What an answer shows of the message with a number. */
  async #quoteOf(conversation, seq) {
    const { state } = this.#store;
    let [message, { users }] = [messageAt(state.conversations[conversation] ?? { messages: [] }, seq), state];
    if (!message) {
      const page = await api.history(conversation, { before: seq + 1, limit: 1 });
      [message, users] = [page.messages.find((each) => each.seq === seq), page.users];
    }
    if (!message || message.deleted) return undefined;
    const { sender, text } = message;
    return { seq, sender, name: users[sender]?.displayName ?? '…', text };
  }

  /** Whether somebody has written here since both sides had the same. */
  #isChanged(conversation, { text, at }) {
    const agreed = this.#agreedOn(conversation);
    // Without a time there is none here, and never was since.
    if (at === 0 && !text) return false;
    return agreed ? at !== agreed.at : text !== '';
  }

  #agreedOn(conversation) {
    return this.#agreed.read().drafts?.[conversation];
  }

  #agree(conversation, at, writtenAt) {
    const here = this.#drafts.read(conversation);
    // What was written meanwhile is still to be sent, also that there is none any more.
    const isOver = here.at === at && !here.text;
    if (isOver) this.#drafts.forget(conversation);
    this.#note(conversation, { at: isOver ? 0 : at, writtenAt });
  }

  #note(conversation, agreed) {
    const { drafts = {}, ...rest } = this.#agreed.read();
    const { [conversation]: _, ...others } = drafts;
    const ended = Object.keys(others).filter((each) => others[each].at === 0);
    for (const each of ended.slice(0, Math.max(0, ended.length - mostEnded))) delete others[each];
    this.#agreed.write({ ...rest, drafts: { ...others, [conversation]: agreed } });
  }
}

function isSame({ text, replyTo }, draft) {
  return text === draft.text && replyTo?.seq === draft.replyTo;
}
