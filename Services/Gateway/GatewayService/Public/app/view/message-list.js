// The messages of one conversation, with what is still waiting to be sent at the end. Opens at the first unread one, and
// loads older ones when scrolled up, without moving what is being read.
import { api } from '../api.js';
import { readPosition, readThrough, unreadBeforeLoaded } from '../conversation.js';
import { element, reconcile } from './dom.js';
import { Jump } from './jump.js';
import { rowOf } from './message-row.js';
import { rowsOf } from './message-rows.js';
import { Sight } from './sight.js';

const nearEnd = 60;
// Of the first unread message, this much is left above it for what came before.
const context = 72;
// How many pages are loaded to open at the first unread message; whoever has more opens at the earliest loaded.
const pagesToUnread = 5;

export class MessageList {
  #store;
  #outbox;
  #id;
  #pane;
  #list = element('ol', { class: 'message-list', id: 'message-list' });
  #top = element('div', { class: 'top' });
  #jump = new Jump(() => this.#jumpDown());
  // What screen readers are told: new messages from others, and not every changed mark of one's own.
  #news = element('p', { class: 'visually-hidden', role: 'status', dir: 'auto' });
  #announced = null;
  #drawn = null;
  #isOpen = false;
  #pagesBack = 0;
  #waiting = false;
  #stuck = true;
  #sight;

  /** `pane` is told of what was seen (`onSeen`) and scrolled (`onMoved`), and takes a text back to `edit` it. */
  constructor(store, outbox, id, pane) {
    this.#store = store;
    this.#outbox = outbox;
    this.#id = id;
    this.#pane = pane;
    this.element = element('div', {
      class: 'messages', id: 'messages', tabindex: 0, role: 'region', 'aria-label': 'Messages',
    }, this.#top, this.#list, this.#jump.element, this.#news);
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#sight = new Sight(this.element, () => {
      this.#moved();
      this.#pane.onSeen();
    });
    // The keyboard of a phone or a larger text area makes the list smaller: the newest message stays in sight.
    new ResizeObserver(() => {
      if (this.#stuck && this.#isOpen) this.#scrollTo(this.#end);
    }).observe(this.element);
  }

  /** Up to which message this conversation was read here. */
  get readThrough() {
    return readThrough(this.#conversation, this.#me, (seq) => this.#sight.has(seq));
  }

  /** How many messages are unread although the reader is further down than the first of them. */
  get jumpedOver() {
    if (!this.#isOpen || this.#conversation.unread === 0) return 0;
    const first = this.#firstUnseen();
    const isAbove = first ? first.offsetTop + first.offsetHeight < this.element.scrollTop : false;
    return isAbove || unreadBeforeLoaded(this.#conversation, this.#me) ? this.#conversation.unread : 0;
  }

  draw(state) {
    const conversation = state.conversations[this.#id];
    if (!conversation.loaded && state.outbox.length === 0) return;
    if (this.#isTooShort(state, conversation)) {
      this.#drawTop(conversation);
      this.#loadOlder();
      return;
    }
    const waiting = state.outbox.filter((item) => item.conversation === this.#id);
    const inputs = [conversation, state.divider, state.users, ...waiting];
    if (this.#drawn?.length === inputs.length && this.#drawn.every((input, index) => input === inputs[index])) return;
    const wroteMore = waiting.length > 0 && !this.#drawn?.includes(waiting.at(-1))
      && !this.#drawn?.some((input) => input?.clientMessageId === waiting.at(-1).clientMessageId);
    this.#drawn = inputs;

    const stay = this.#stuck || wroteMore;
    const anchor = stay ? null : this.#anchor();
    this.#drawTop(conversation);
    reconcile(this.#list, rowsOf(state, conversation, waiting), {
      key: (row) => row.key,
      version: (row) => row.version,
      make: (row) => rowOf(row, { outbox: this.#outbox, edit: (text) => this.#pane.edit(text) }),
    });
    if (!this.#isOpen) this.#open(conversation);
    else if (wroteMore) this.#scrollTo(this.#end);
    else if (stay) this.#follow();
    else this.#holdStill(anchor);
    for (const each of this.#unseen()) this.#sight.watch(each);
    this.#announce(state, conversation);
    this.#moved();
    this.#pane.onSeen();
    if (this.element.scrollTop < 400) this.#loadOlder();
  }

  /** Leads to the first message that was not read. */
  showUnread() {
    const first = this.#firstUnseen();
    const isLoaded = first && !unreadBeforeLoaded(this.#conversation, this.#me);
    this.#scrollTo(isLoaded ? first.offsetTop - context : 0);
  }

  end() {
    this.#sight.end();
  }

  get #conversation() {
    return this.#store.state.conversations[this.#id];
  }

  get #me() {
    return this.#store.state.me.id;
  }

  get #end() {
    return this.element.scrollHeight - this.element.clientHeight;
  }

  get #isAtEnd() {
    return this.#end - this.element.scrollTop < nearEnd;
  }

  /** The elements of others' messages that were not seen, from the oldest to the newest. */
  #unseen() {
    const read = readPosition(this.#conversation, this.#me);
    return [...this.#list.querySelectorAll('[data-seq]')]
      .filter(({ dataset: { seq } }) => Number(seq) > read && !this.#sight.has(Number(seq)));
  }

  #firstUnseen() {
    return this.#unseen()[0];
  }

  /** Whether the list is to open at a message that is not loaded yet. */
  #isTooShort(state, conversation) {
    if (this.#isOpen || !conversation.loaded || state.divider?.conversation !== this.#id) return false;
    return this.#pagesBack < pagesToUnread && unreadBeforeLoaded(conversation, state.me.id);
  }

  #open(conversation) {
    const divider = this.#list.querySelector('.new-divider');
    this.#scrollTo(divider ? Math.min(divider.offsetTop - context, this.#end) : this.#end);
    this.#isOpen = conversation.loaded;
    this.#stuck = this.#isAtEnd;
  }

  /** Stays at the end while messages come, but never moves one out of sight that was not seen. */
  #follow() {
    const first = this.#firstUnseen();
    const furthest = first ? first.offsetTop - context : Infinity;
    this.#scrollTo(Math.max(this.element.scrollTop, Math.min(this.#end, furthest)));
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
    this.#stuck = this.#isAtEnd;
    this.#moved();
    if (this.element.scrollTop < 600) this.#loadOlder();
  }

  #moved() {
    const lowest = this.element.scrollTop + this.element.clientHeight;
    const below = this.#unseen().filter((each) => each.offsetTop + each.offsetHeight / 2 > lowest).length;
    this.#jump.draw({ hidden: !this.#isOpen || this.#isAtEnd, below });
    this.#pane.onMoved();
  }

  /** First to the line before what is new, if that is further down, then to the end. */
  #jumpDown() {
    const divider = this.#list.querySelector('.new-divider');
    const isBelow = divider && divider.offsetTop > this.element.scrollTop + this.element.clientHeight;
    this.#scrollTo(isBelow ? divider.offsetTop - context : this.#end, 'smooth');
  }

  /** Far ways are not scrolled: what flies past was not on the screen. */
  #scrollTo(top, behavior = 'instant') {
    const isFar = Math.abs(top - this.element.scrollTop) > 1.5 * this.element.clientHeight;
    const calm = isFar || matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.element.scrollTo({ top, behavior: calm ? 'instant' : behavior });
    this.#stuck = this.#end - top < nearEnd;
  }

  async #loadOlder() {
    const conversation = this.#conversation;
    if (!conversation.loaded || !conversation.hasOlder || conversation.loadingOlder || this.#waiting) return;
    this.#pagesBack += 1;
    this.#store.dispatch({ type: 'older-requested', conversation: this.#id });
    try {
      const before = conversation.messages[0].seq;
      const page = await api.older(this.#id, before, this.#isOpen ? 50 : 200);
      this.#store.dispatch({ type: 'older-loaded', conversation: this.#id, page, before });
    } catch {
      // An older page that cannot be had keeps nobody from what there is.
      this.#pagesBack = pagesToUnread;
      this.#store.dispatch({ type: 'older-failed', conversation: this.#id });
      // Scrolling tries again; a pause keeps a server in trouble from being asked at every pixel.
      this.#waiting = true;
      setTimeout(() => {
        this.#waiting = false;
      }, 2_000);
    }
  }
}
