// Delivers what was written, changed, deleted, reacted to and chosen: one request in flight for each conversation, in the
// order in which it was done, the same at every attempt, until the server has done it or has refused it for good.
import { alone } from './tabs.js';
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';
import { afterRefusal, isOwn, isSend, rebased } from './pending.js';
import { progressOfWaiting } from './selectors.js';

const deliveries = {
  send: ({ conversation, clientMessageId, text, replyTo }) => api.send(conversation, clientMessageId, text, replyTo?.seq),
  edit: ({ conversation, seq, text, rev }) => api.edit(conversation, seq, text, rev),
  delete: ({ conversation, seq }) => api.remove(conversation, seq),
  react: ({ conversation, seq, emoji, wanted }) => api.react(conversation, seq, emoji, wanted),
  settings: ({ conversation, choice, version }) => api.settings(conversation, { ...choice, version }),
  leave: ({ conversation, clientMessageId, user }) => api.leave(conversation, user, clientMessageId),
};

export class Outbox {
  #store;
  #kept;
  #onSignedOut;
  #onChange;
  #onWaiting;
  #onLost;
  #sending = new Set();
  #stopped = false;
  /** Done, but the disk refused to forget them. */
  #done = new Set();

  /**
   * `kept` is an `OutboxStore`; `onChange(message)` is called when other tabs should look at it, with the server's answer
   * if there is one, `onWaiting(item)` with what they should know of an attempt that failed, `onLost(words)` when a choice
   * was refused for good.
   */
  constructor({ store, kept, onSignedOut, onChange, onWaiting, onLost }) {
    this.#store = store;
    this.#kept = kept;
    this.#onSignedOut = onSignedOut;
    this.#onChange = onChange;
    this.#onWaiting = onWaiting;
    this.#onLost = onLost;
  }

  /** Shows what is kept from before and goes on delivering it. */
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
    for (const conversation of new Set(items.map((item) => item.conversation))) this.#deliver(conversation);
  }

  /**
   * Writes a message: it is shown at once, kept on disk, then sent. `replyTo` is what it answers, `{ seq, sender, text }`.
   * Rejects if the disk refused it; it is sent all the same.
   */
  send(conversation, text, { clientMessageId, replyTo } = {}) {
    const { link, outbox } = this.#store.state;
    // What is attempted at once needs no second note on disk that it was attempted.
    const attempted = link === 'live' && !outbox.some((item) => item.conversation === conversation && !item.stored);
    return this.#add({ kind: 'send', conversation, text, replyTo, attempted }, clientMessageId);
  }

  /**
   * Changes a text. `target` is `{ conversation, seq, rev }`, where `rev` is the number with which the text came that was
   * before the eyes, or `{ conversation, of }` with the id of a message that waits.
   */
  async edit(target, text) {
    if (target.of && await this.#changeWaiting(target.of, (item) => ({ ...item, text }))) return undefined;
    return this.#add({ kind: 'edit', ...target, text });
  }

  /** Deletes a message for everybody; one that waits is never sent. */
  async remove(target) {
    if (target.of && await this.#changeWaiting(target.of, () => null)) return undefined;
    return this.#add({ kind: 'delete', ...target });
  }

  /** Sets or takes back a reaction. */
  react(conversation, seq, emoji, wanted) {
    return this.#add({ kind: 'react', conversation, seq, emoji, wanted });
  }

  /** Pins, mutes or archives a conversation: `choice` is one of `choices.js`. */
  choose(conversation, choice) {
    const version = this.#store.state.conversations[conversation]?.settings?.version ?? 0;
    return this.#add({ kind: 'settings', conversation, choice, version });
  }

  /** Leaves a group. */
  leave(conversation) {
    return this.#add({ kind: 'leave', conversation, user: this.#store.state.me.id });
  }

  /** Whether something written would be lost with this page: not yet on disk, or refused by it, and not yet stored. */
  get isInDanger() {
    return this.#kept.holdsInMemory || this.#store.state.outbox.some((item) => progressOfWaiting(item) === 'saving');
  }

  /** Forgets what was refused. */
  async discard(clientMessageId) {
    await this.#kept.remove(clientMessageId);
    this.#store.dispatch({ type: 'outbox-removed', clientMessageId });
    this.#onChange();
  }

  async #add(change, clientMessageId = randomId()) {
    const now = Date.now();
    const item = {
      clientMessageId,
      ...change,
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
      this.#deliver(item.conversation);
    }
  }

  /** Changes a message that the server cannot have seen. Resolves whether that was so. */
  async #changeWaiting(clientMessageId, work) {
    const item = await this.#kept.change(clientMessageId, (kept) => (kept.attempted ? kept : work(kept)))
      .catch(() => undefined);
    if (item === undefined || item?.attempted) return false;
    this.#store.dispatch(item ? { type: 'outbox-updated', item } : { type: 'outbox-removed', clientMessageId });
    this.#onChange();
    return true;
  }

  async #deliver(conversation) {
    if (this.#sending.has(conversation)) return;
    this.#sending.add(conversation);
    try {
      await alone(`send-${conversation}`, async () => {
        for (let item; (item = await this.#next(conversation));) {
          if (!await this.#deliverOne(item)) return;
        }
      });
    } finally {
      this.#sending.delete(conversation);
    }
    // Something may have been written between the last look and the end of the turn.
    if (!this.#stopped && await this.#next(conversation)) this.#deliver(conversation);
  }

  async #next(conversation) {
    const items = await this.#kept.all();
    return items.find((item) => item.conversation === conversation && !item.refusal
      && !this.#done.has(item.clientMessageId));
  }

  /** Whether to go on with the next item of the conversation. */
  async #deliverOne(next) {
    const { clientMessageId } = next;
    let item = next;
    if (isSend(item) && !item.attempted) {
      // From here on, the server may have it as it is: a later edit is a change of its own.
      const noted = await this.#kept.change(clientMessageId, (kept) => ({ ...kept, attempted: true })).catch(() => item);
      if (!noted) return true;
      item = noted;
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!isSend(item) && !isOwn(item) && !item.seq) item = await this.#withSeq(item);
        await this.#finish(item, await deliveries[item.kind ?? 'send'](item));
        return true;
      } catch (error) {
        if (error.isSignedOut) {
          this.#stopped = true;
          this.#onSignedOut();
          return false;
        }
        // Whoever is out already has left.
        if (item.kind === 'leave' && error.status === 404) {
          await this.#finish(item, {});
          return true;
        }
        // Reactions name no state, so somebody else's were only faster.
        if (!error.isTransient && !(item.kind === 'react' && error.code === 'conflict')) {
          await this.#refuse(item, error);
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

  /** A change of a message that was sent while the change was being kept: the server knows its number. */
  async #withSeq(item) {
    const { messages } = await api.history(item.conversation);
    const sent = messages.find((each) => each.clientMessageId === item.of && each.sender === this.#store.state.me.id);
    return { ...item, seq: sent?.seq ?? 0, rev: sent?.edited?.rev ?? sent?.seq ?? 0 };
  }

  async #finish(item, message) {
    const { clientMessageId } = item;
    const changed = rebased(await this.#kept.all(), item, message);
    this.#done.add(clientMessageId);
    await this.#kept.replace([clientMessageId], changed).catch(() => undefined);
    this.#store.dispatch({ type: 'outbox-done', clientMessageId, message, changed });
    this.#onChange(isOwn(item) ? undefined : message);
  }

  async #refuse(item, error) {
    const { kept, dropped } = afterRefusal(await this.#kept.all(), item, error.message);
    if (isOwn(item)) this.#onLost(`That was not done: ${error.message}`);
    await this.#kept.replace(dropped, kept).catch(() => undefined);
    if (error.present) this.#store.dispatch({ type: 'change-answered', message: error.present });
    for (const each of kept) this.#store.dispatch({ type: 'outbox-updated', item: each });
    for (const clientMessageId of dropped) this.#store.dispatch({ type: 'outbox-removed', clientMessageId });
    this.#onChange(error.present);
  }
}

/** 128 random bits as 32 hexadecimal digits. Works on insecure origins too. */
/** An id for something that is to be stored once. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function progress(item) {
  return item ? { waiting: item.waiting, status: item.status, retryAt: item.retryAt } : {};
}
