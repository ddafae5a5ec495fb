// Sends what was written: one message in flight for each conversation, in the order of writing, with the same client
// message id at every attempt, until the server has stored it or has refused it for good.
import { alone } from './tabs.js';
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';
import { progressOfWaiting } from './state.js';

export class Outbox {
  #store;
  #kept;
  #onSignedOut;
  #onChange;
  #onWaiting;
  #sending = new Set();
  #stopped = false;
  /** Stored, but the disk refused to forget them. */
  #done = new Set();

  /**
   * `kept` is an `OutboxStore`; `onChange` is called when other tabs should look at it, `onWaiting(item)` with what they
   * should know of an attempt that failed.
   */
  constructor({ store, kept, onSignedOut, onChange, onWaiting }) {
    this.#store = store;
    this.#kept = kept;
    this.#onSignedOut = onSignedOut;
    this.#onChange = onChange;
    this.#onWaiting = onWaiting;
  }

  /** Shows what is kept from before and goes on sending it. */
  async resume() {
    const items = await this.#kept.all();
    const shown = new Map(this.#store.state.outbox.map((item) => [item.clientMessageId, item]));
    // Stored ones are no longer kept, but are shown until their event has come.
    // What is being kept just now may not be among the kept ones yet.
    const stored = this.#store.state.outbox.filter((item) => item.stored
      || (item.saving && !items.some((each) => each.clientMessageId === item.clientMessageId)));
    const waiting = items.filter((item) => !shown.get(item.clientMessageId)?.stored
      && !this.#done.has(item.clientMessageId))
      .map((item) => ({ ...item, ...progress(shown.get(item.clientMessageId)) }));
    this.#store.dispatch({ type: 'outbox-loaded', items: [...stored, ...waiting] });
    for (const conversation of new Set(items.map((item) => item.conversation))) this.#send(conversation);
  }

  /**
   * Writes a message: it is shown at once, kept on disk, then sent. Rejects if the disk refused it; it is sent all the same.
   */
  async add(conversation, text, clientMessageId = randomId()) {
    const now = Date.now();
    const item = {
      clientMessageId,
      conversation,
      text,
      // Later than everything before it, also if the clock was set back.
      order: Math.max(now, ...this.#store.state.outbox.map((each) => each.order + 1)),
      writtenAt: new Date(now).toISOString(),
      refusal: null,
    };
    this.#store.dispatch({ type: 'outbox-added', item: { ...item, saving: true } });
    try {
      await this.#kept.put(item);
    } finally {
      this.#store.dispatch({ type: 'outbox-updated', item: { clientMessageId, saving: false } });
      this.#onChange();
      this.#send(conversation);
    }
  }

  /** Whether something written would be lost with this page: not yet on disk, or refused by it, and not yet stored. */
  get isInDanger() {
    return this.#kept.holdsInMemory || this.#store.state.outbox.some((item) => progressOfWaiting(item) === 'saving');
  }

  /** Forgets a message that was refused. */
  async discard(clientMessageId) {
    await this.#kept.remove(clientMessageId);
    this.#store.dispatch({ type: 'outbox-removed', clientMessageId });
    this.#onChange();
  }

  async #send(conversation) {
    if (this.#sending.has(conversation)) return;
    this.#sending.add(conversation);
    try {
      await alone(`send-${conversation}`, async () => {
        for (let item; (item = await this.#next(conversation));) {
          if (!await this.#sendOne(item)) return;
        }
      });
    } finally {
      this.#sending.delete(conversation);
    }
    // Something may have been written between the last look and the end of the turn.
    if (!this.#stopped && await this.#next(conversation)) this.#send(conversation);
  }

  async #next(conversation) {
    const items = await this.#kept.all();
    return items.find((item) => item.conversation === conversation && !item.refusal
      && !this.#done.has(item.clientMessageId));
  }

  /** Whether to go on with the next message of the conversation. */
  async #sendOne(item) {
    const { clientMessageId, conversation, text } = item;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const message = await api.send(conversation, clientMessageId, text);
        this.#done.add(clientMessageId);
        await this.#kept.remove(clientMessageId).catch(() => undefined);
        this.#store.dispatch({ type: 'outbox-updated', item: { clientMessageId, stored: true } });
        this.#store.dispatch({ type: 'message-arrived', message });
        this.#onChange();
        return true;
      } catch (error) {
        if (error.isSignedOut) {
          this.#stopped = true;
          this.#onSignedOut();
          return false;
        }
        if (!error.isTransient) {
          await this.#kept.put({ ...item, refusal: error.message }).catch(() => undefined);
          this.#store.dispatch({ type: 'outbox-updated', item: { clientMessageId, refusal: error.message } });
          this.#onChange();
          return true;
        }
        const delay = delayBefore(attempt, { atLeast: error.retryAfter });
        // It stays "waiting" during the next attempt: the page says so until the server has taken it.
        const waits = { clientMessageId, waiting: true, status: error.status, retryAt: Date.now() + delay };
        this.#store.dispatch({ type: 'outbox-updated', item: waits });
        this.#onWaiting(waits);
        await pause(delay);
      }
    }
  }
}

/** 128 random bits as 32 hexadecimal digits. Works on insecure origins too. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function progress(item) {
  return item ? { waiting: item.waiting, status: item.status, retryAt: item.retryAt } : {};
}
