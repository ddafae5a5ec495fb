// Keeps the drafts of this browser and those of the server the same. The server decides which of two was written later, by the
// time that has passed since: so it does not matter whose clock is right.
import { api, request } from '../api.js';
import { messageAt } from '../messages.js';
import { StoredValue } from '../stored.js';

// So long after the last key a text is sent; and after an attempt that failed.
const pauseInTyping = 1_500;
const pauseInTrouble = 10_000;

export class DraftSync {
  #store;
  #drafts;
  /** `{ asOf, drafts }`: how far the server's were taken, and of each what both sides have: `at` here, `writtenAt` there. */
  #agreed;
  #timers = new Map();

  constructor(store, drafts) {
    this.#store = store;
    this.#drafts = drafts;
    this.#agreed = new StoredValue(`martlet-agreed-drafts-${store.state.me.id}`);
    const { onWritten } = drafts;
    drafts.onWritten = (conversation) => {
      onWritten(conversation);
      // Where nobody looks nobody writes: it is another tab's.
      if (!document.hidden) this.#saveLater(conversation, pauseInTyping);
    };
    store.subscribe((after, before) => {
      if (after.link === 'live' && before.link !== 'live') this.#catchUp();
    });
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#flush() : this.#catchUp()));
    addEventListener('pagehide', () => this.#flush());
    this.#catchUp();
  }

  /** Another browser, or this one, has kept a draft. */
  async heard(draft) {
    const { conversation, writtenAt } = draft;
    const here = this.#drafts.read(conversation);
    if (this.#isSame(here, draft)) this.#agree(conversation, here.at, writtenAt);
    else if (this.#isChanged(conversation, here)) this.#saveLater(conversation, pauseInTyping);
    else if (writtenAt > (this.#agreedOn(conversation)?.writtenAt ?? '')) await this.#adopt(draft, here.at);
  }

  async #catchUp() {
    const { asOf } = this.#agreed.read();
    try {
      const answer = await request('GET', `/drafts?${new URLSearchParams(asOf ? { since: asOf } : {})}`);
      for (const draft of answer.drafts) await this.heard(draft);
      this.#agreed.write({ ...this.#agreed.read(), asOf: answer.asOf });
      for (const conversation of this.#drafts.conversations()) {
        if (this.#isChanged(conversation, this.#drafts.read(conversation))) await this.#save(conversation);
      }
    } catch {
      // Again when the connection is back.
    }
  }

  #saveLater(conversation, delay) {
    clearTimeout(this.#timers.get(conversation));
    this.#timers.set(conversation, setTimeout(() => this.#save(conversation), delay));
  }

  /** What waits is sent before the page goes. */
  #flush() {
    for (const conversation of this.#timers.keys()) this.#save(conversation);
  }

  async #save(conversation) {
    clearTimeout(this.#timers.get(conversation));
    this.#timers.delete(conversation);
    const here = this.#drafts.read(conversation);
    if (!this.#isChanged(conversation, here)) return;
    try {
      const kept = await request('PUT', `/conversations/${conversation}/draft`, {
        text: here.text, replyTo: here.replyTo?.seq, age: Math.max(0, Date.now() - here.at),
      }, { keepalive: true });
      if (this.#isSame(here, kept)) this.#agree(conversation, here.at, kept.writtenAt);
      else await this.#adopt(kept, here.at);
    } catch (error) {
      // What is refused, for its length, stays in this browser.
      if (error.isTransient) this.#saveLater(conversation, error.retryAfter ?? pauseInTrouble);
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

  #isSame({ text, replyTo }, draft) {
    return text === draft.text && replyTo?.seq === draft.replyTo;
  }

  /** Whether somebody has written here since both sides had the same. */
  #isChanged(conversation, { text, at }) {
    const agreed = this.#agreedOn(conversation);
    return agreed ? at !== agreed.at : text !== '';
  }

  #agreedOn(conversation) {
    return this.#agreed.read().drafts?.[conversation];
  }

  #agree(conversation, at, writtenAt) {
    const { drafts = {}, ...rest } = this.#agreed.read();
    const { [conversation]: _, ...others } = drafts;
    const isOver = !this.#drafts.read(conversation).text;
    if (isOver) this.#drafts.forget(conversation);
    this.#agreed.write({ ...rest, drafts: isOver ? others : { ...others, [conversation]: { at, writtenAt } } });
  }
}
