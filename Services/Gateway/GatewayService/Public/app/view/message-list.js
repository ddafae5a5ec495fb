// The messages of one conversation, with what is still waiting to be sent at the end. Loads older ones when scrolled up,
// without moving what is being read.
import { api } from '../api.js';
import { progressOf } from '../conversation.js';
import { dayKey, dayName } from '../format.js';
import { progressOfWaiting } from '../state.js';
import { element, reconcile } from './dom.js';
import { rowOf } from './message-row.js';

const nearEnd = 60;

export class MessageList {
  #store;
  #outbox;
  #id;
  #onSeen;
  #pane;
  #list = element('ol', { class: 'message-list', id: 'message-list' });
  #top = element('div', { class: 'top' });
  #jump = element('div', { class: 'jump', hidden: true },
    element('button', { class: 'button quiet', type: 'button', onclick: () => this.#scrollToEnd('smooth') }, 'Jump to newest'));
  // What screen readers are told: new messages from others, and not every changed mark of one's own.
  #news = element('p', { class: 'visually-hidden', role: 'status' });
  #announced = null;
  #drawn = null;
  #drawnBefore = false;
  #waiting = false;

  constructor(store, outbox, id, onSeen, pane) {
    this.#store = store;
    this.#outbox = outbox;
    this.#id = id;
    this.#onSeen = onSeen;
    this.#pane = pane;
    this.element = element('div', {
      class: 'messages', id: 'messages', tabindex: 0, role: 'region', 'aria-label': 'Messages',
    }, this.#top, this.#list, this.#jump, this.#news);
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // The keyboard of a phone or a larger text area makes the list smaller: the newest message stays in sight.
    new ResizeObserver(() => {
      if (this.#stuck) this.#scrollToEnd();
    }).observe(this.element);
  }

  #stuck = true;

  /** Whether the newest message is in sight. */
  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return this.#drawnBefore && scrollHeight - scrollTop - clientHeight < nearEnd;
  }

  draw(state) {
    const conversation = state.conversations[this.#id];
    if (!conversation.loaded && state.outbox.length === 0) return;
    const waiting = state.outbox.filter((item) => item.conversation === this.#id);
    const inputs = [conversation, state.divider, state.users, ...waiting];
    if (this.#drawn?.length === inputs.length && this.#drawn.every((input, index) => input === inputs[index])) return;
    const wroteMore = waiting.length > 0 && !this.#drawn?.includes(waiting.at(-1))
      && !this.#drawn?.some((input) => input?.clientMessageId === waiting.at(-1).clientMessageId);
    this.#drawn = inputs;

    const stay = this.#stuck || wroteMore;
    const anchor = stay ? null : this.#anchor();
    this.#drawTop(conversation);
    reconcile(this.#list, rows(state, conversation, waiting), {
      key: (row) => row.key,
      version: (row) => row.version,
      make: (row) => rowOf(row, { outbox: this.#outbox, edit: (text) => this.#pane.edit(text) }),
    });
    if (stay || !this.#drawnBefore) this.#scrollToEnd();
    else this.#holdStill(anchor);
    this.#drawnBefore ||= conversation.loaded;
    this.#announce(state, conversation);
    this.#afterScroll();
    this.#onSeen();
    if (this.element.scrollTop < 400) this.#loadOlder();
  }

  /** A message and where it is on screen, to find out how far a drawing moved what is being read. */
  #anchor() {
    const message = this.#list.querySelector('.message');
    return message && { key: message.dataset.key, top: message.getBoundingClientRect().top };
  }

  /** Whatever was put before the anchor, or taken away, must not move what is being read. */
  #holdStill(anchor) {
    const message = anchor && this.#list.querySelector(`[data-key="${CSS.escape(anchor.key)}"]`);
    const moved = message ? message.getBoundingClientRect().top - anchor.top : 0;
    if (moved !== 0) this.element.scrollTop += moved;
  }

  #announce(state, conversation) {
    if (!conversation.loaded) return;
    const newest = conversation.messages.at(-1);
    if (this.#announced !== null && newest?.seq > this.#announced && newest.sender !== state.me.id) {
      this.#news.textContent = `${state.users[newest.sender]?.displayName ?? ''}: ${newest.text}`;
    }
    this.#announced = newest?.seq ?? 0;
  }

  #drawTop(conversation) {
    // The line keeps its place while it is empty: otherwise it would appear out of sight, above what must not move.
    const words = !conversation.loaded ? null
      : conversation.loadingOlder ? 'Loading earlier messages…'
        : conversation.hasOlder ? ''
          : conversation.messages.length > 0 ? 'The beginning of your conversation' : 'No messages yet. Say hello!';
    this.#top.replaceChildren(...(words === null ? [] : [element('p', { class: 'conversation-start' }, words)]));
  }

  #scrolled() {
    this.#stuck = this.isAtEnd;
    this.#afterScroll();
    if (this.#stuck) this.#onSeen();
    if (this.element.scrollTop < 600) this.#loadOlder();
  }

  #afterScroll() {
    this.#jump.hidden = this.isAtEnd || !this.#drawnBefore;
  }

  #scrollToEnd(behavior = 'instant') {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.element.scrollTo({ top: this.element.scrollHeight, behavior: calm ? 'instant' : behavior });
    this.#stuck = true;
  }

  async #loadOlder() {
    const conversation = this.#store.state.conversations[this.#id];
    if (!conversation.loaded || !conversation.hasOlder || conversation.loadingOlder || this.#waiting) return;
    this.#store.dispatch({ type: 'older-requested', conversation: this.#id });
    try {
      const before = conversation.messages[0].seq;
      const page = await api.older(this.#id, before);
      this.#store.dispatch({ type: 'older-loaded', conversation: this.#id, page, before });
    } catch {
      this.#store.dispatch({ type: 'older-failed', conversation: this.#id });
      // Scrolling tries again; a pause keeps a server in trouble from being asked at every pixel.
      this.#waiting = true;
      setTimeout(() => {
        this.#waiting = false;
      }, 2_000);
    }
  }
}

/** What the list shows: days, the divider before what is new, messages, and what waits in the outbox. */
function rows(state, conversation, waiting) {
  const shown = [];
  let day = null;
  let before = null;
  let divided = state.divider?.conversation !== conversation.id;
  const startDay = (moment) => {
    const key = dayKey(moment);
    if (key === day) return;
    day = key;
    before = null;
    const name = dayName(moment);
    shown.push({ kind: 'day', key: `day-${key}`, version: name, name });
  };
  for (const message of conversation.messages) {
    startDay(message.sentAt);
    const mine = message.sender === state.me.id;
    if (!divided && !mine && message.seq > state.divider.after) {
      divided = true;
      before = null;
      shown.push({ kind: 'divider', key: 'divider', version: '' });
    }
    const progress = mine ? progressOf(conversation, message.seq, state.me.id) : null;
    const first = before !== message.sender;
    before = message.sender;
    shown.push({
      kind: 'message',
      key: message.clientMessageId + message.sender,
      version: `${message.rev} ${progress} ${first} ${mine ? '' : state.users[message.sender]?.displayName}`,
      id: `m${message.seq}`,
      text: message.text,
      at: message.sentAt,
      mine,
      first,
      author: mine ? 'You' : state.users[message.sender]?.displayName ?? '',
      progress,
    });
  }
  for (const item of waiting) {
    startDay(item.writtenAt);
    const first = before !== state.me.id;
    before = state.me.id;
    const progress = progressOfWaiting(item);
    shown.push({
      kind: 'message',
      key: item.clientMessageId + state.me.id,
      version: `outbox ${progress} ${first}`,
      text: item.text,
      at: item.writtenAt,
      mine: true,
      first,
      author: 'You',
      progress,
      refusal: item.refusal,
      clientMessageId: item.clientMessageId,
    });
  }
  return shown;
}
