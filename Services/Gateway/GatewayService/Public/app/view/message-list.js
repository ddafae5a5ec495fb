// The messages of one conversation, with what is still waiting to be sent at the end. Opens at the first unread one, or at
// one that is asked for, and loads older ones when scrolled up, without moving what is being read.
import { readPosition, readThrough, unreadBeforeLoaded } from '../conversation.js';
import { isSend } from '../pending.js';
import { element, reconcile } from './dom.js';
import { Jump } from './jump.js';
import { MessageControl } from './message-control.js';
import { rowOf } from './message-row.js';
import { rowsOf } from './message-rows.js';
import { News } from './news.js';
import { OlderPages } from './older-pages.js';
import { Sight } from './sight.js';
import { toast } from './toast.js';

const nearEnd = 60;
// Of the first unread message, this much is left above it for what came before.
const context = 72;
// How many pages are loaded to open at the first unread message; whoever has more opens at the earliest loaded.
const pagesToUnread = 5;
// How many pages of 200 are loaded on the way to a message that is asked for.
const pagesToSought = 25;
const markedFor = 2_500;

export class MessageList {
  #store;
  #id;
  #pane;
  #list = element('ol', { class: 'message-list', id: 'message-list' });
  #top = element('div', { class: 'top' });
  #jump = new Jump(() => this.#jumpDown());
  #news = new News();
  #older;
  #drawn = null;
  #isOpen = false;
  #pagesBack = 0;
  #stuck = true;
  #sight;
  #rows = new Map();
  #control;
  #confirming = null;
  /** The number of the message that is to be shown, until it is. */
  #sought;

  /**
   * `pane` is told of what was seen (`onSeen`) and scrolled (`onMoved`), and does what is wanted with a message (`run`,
   * `react`, `leave`). The list opens at the message with the number `at`, if it is given.
   */
  constructor(store, id, pane, at = null) {
    this.#store = store;
    this.#id = id;
    this.#pane = pane;
    this.#sought = at;
    this.#older = new OlderPages(store, id);
    this.element = element('div', {
      class: 'messages', id: 'messages', tabindex: 0, role: 'region', 'aria-label': 'Messages',
    }, this.#top, this.#list, this.#jump.element, this.#news.element);
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#control = new MessageControl({
      region: this.element,
      list: this.#list,
      rowAt: (key) => this.#rows.get(key),
      handlers: {
        run: (...action) => pane.run(...action),
        react: (row, emoji) => pane.react(row, emoji),
        leave: () => pane.leave(),
        jump: (seq) => this.showMessage(seq),
      },
    });
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
    const inputs = [conversation, state.divider, state.users, this.#confirming, ...waiting];
    if (this.#drawn?.length === inputs.length && this.#drawn.every((input, index) => input === inputs[index])) return;
    const newest = waiting.findLast(isSend);
    const wroteMore = newest && !this.#drawn?.some((input) => input?.clientMessageId === newest.clientMessageId);
    this.#drawn = inputs;

    const stay = this.#stuck || wroteMore;
    const anchor = stay ? null : this.#anchor();
    this.#drawTop(conversation);
    const rows = rowsOf(state, conversation, waiting, this.#confirming);
    this.#rows = new Map(rows.map((row) => [row.key, row]));
    this.#control.around(() => reconcile(this.#list, rows, {
      key: (row) => row.key, version: (row) => row.version, make: rowOf,
    }));
    if (!this.#isOpen) this.#open(conversation);
    else if (wroteMore) this.#scrollTo(this.#end);
    else if (stay) this.#follow();
    else this.#holdStill(anchor);
    for (const each of this.#unseen()) this.#sight.watch(each);
    this.#news.draw(state, conversation);
    this.#seek();
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

  /** Leads to the message with a number, and loads what is needed for that. */
  showMessage(seq) {
    this.#sought = seq;
    this.#pagesBack = 0;
    this.#seek();
  }

  /** The newest row that `matches(row)`, or undefined. */
  lastRow(matches) {
    return [...this.#rows.values()].findLast((row) => row.kind === 'message' && matches(row));
  }

  rowOfMessage(seq) {
    return this.lastRow((row) => row.seq === seq);
  }

  /** Asks, in the place of a message, whether to delete it; with null it asks no more. */
  confirm(key) {
    this.#confirming = key;
    this.draw(this.#store.state);
    if (key) this.#control.itemOf(key)?.querySelector('[data-action="keep"]')?.focus();
  }

  focusMessage(key) {
    this.#control.itemOf(key)?.focus({ preventScroll: true });
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
    return [...this.#list.querySelectorAll('.message:not(.mine, .deleted)[data-seq]')]
      .filter(({ dataset: { seq } }) => Number(seq) > read && !this.#sight.has(Number(seq)));
  }

  #firstUnseen() {
    return this.#unseen()[0];
  }

  /** Whether the list is to open at a message that is not loaded yet. */
  #isTooShort(state, conversation) {
    if (this.#isOpen || !conversation.loaded) return false;
    if (this.#sought !== null) return this.#isSoughtAbove(conversation);
    if (state.divider?.conversation !== this.#id) return false;
    return this.#pagesBack < pagesToUnread && unreadBeforeLoaded(conversation, state.me.id);
  }

  #open(conversation) {
    const divider = this.#list.querySelector('.new-divider');
    const sought = this.#soughtItem;
    if (sought) this.#scrollTo(this.#middleOf(sought));
    else this.#scrollTo(divider ? Math.min(divider.offsetTop - context, this.#end) : this.#end);
    this.#isOpen = conversation.loaded;
    this.#stuck = this.#isAtEnd;
  }

  get #soughtItem() {
    return this.#sought === null ? null : document.getElementById(`m${this.#sought}`);
  }

  /** Whether the message that is to be shown is further up than what is loaded. */
  #isSoughtAbove({ messages, hasOlder }) {
    return hasOlder && messages.length > 0 && messages[0].seq > this.#sought && this.#pagesBack < pagesToSought;
  }

  #middleOf(item) {
    return Math.max(0, item.offsetTop - Math.max(context, (this.element.clientHeight - item.offsetHeight) / 2));
  }

  /** Goes to the message that is to be shown, or a page nearer to it. */
  #seek() {
    if (this.#sought === null || !this.#isOpen) return;
    const item = this.#soughtItem;
    if (item) {
      this.#sought = null;
      this.#scrollTo(Math.min(this.#middleOf(item), this.#end), 'smooth');
      item.classList.add('target');
      setTimeout(() => item.classList.remove('target'), markedFor);
      item.focus({ preventScroll: true });
    } else if (this.#isSoughtAbove(this.#conversation)) {
      this.#loadOlder();
    } else {
      this.#sought = null;
      toast('That message cannot be shown here.');
    }
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
    const went = await this.#older.load(this.#isOpen && this.#sought === null ? 50 : 200);
    if (went === true) this.#pagesBack += 1;
    // An older page that cannot be had keeps nobody from what there is.
    if (went === false) this.#pagesBack = pagesToSought;
  }
}
