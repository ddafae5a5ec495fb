// The messages of one conversation, with what is still waiting to be sent at the end. Opens at the first unread one, at one
// that is asked for, or where somebody was before, and loads older ones when scrolled up, without moving what is being read.
import { placeOf } from '../messages.js';
import { isSend } from '../pending.js';
import { keepPlace } from '../places.js';
import { blockedIn } from '../selectors.js';
import { unreadBeforeLoaded } from '../unread.js';
import { element, isDrawn, reconcile } from './dom.js';
import { MessageControl } from './message-control.js';
import { MessagePart } from './message-part.js';
import { markTarget, refreshRow, rowOf } from './message-row.js';
import { rowsOf } from './message-rows.js';
import { MessageTop } from './message-top.js';
import { News } from './news.js';
import { Opening } from './opening.js';
import { ScrollPane } from './scroll-pane.js';
import { toast } from './toast.js';
import { Unseen } from './unseen.js';

// So near to an end, more is drawn or loaded there.
const margin = 600;

export class MessageList {
  #store;
  #id;
  #pane;
  #list = element('ol', { class: 'message-list', id: 'message-list' });
  #top = new MessageTop();
  #region = element('div', {
    class: 'messages', id: 'messages', tabindex: 0, role: 'log', 'aria-live': 'off', 'aria-label': 'Messages',
  }, element('div', { class: 'history' }, this.#top.element, this.#list));
  #scroll = new ScrollPane(this.#region, this.#list, () => {
    if (this.#stuck && this.#isOpen) this.#goTo(this.#scroll.end);
  });
  #part = new MessagePart();
  #unseen;
  #news = new News();
  #opening;
  #drawn = null;
  #isOpen = false;
  #stuck = true;
  #rows = new Map();
  #control;
  #confirming = null;
  #ended = new AbortController();

  /**
   * `pane` is told of what was seen (`onSeen`) or is said to be read (`onMarkRead`), and does what is wanted with a message
   * (`run`, `react`, `leave`). The list opens at the message with the number `at`, if it is given.
   */
  constructor(store, id, pane, at = null) {
    this.#store = store;
    this.#id = id;
    this.#pane = pane;
    this.#opening = new Opening(store, id, at);
    this.#unseen = new Unseen({
      region: this.#region,
      conversation: () => this.#conversation,
      me: store.state.me.id,
      onSeen: () => {
        this.#moved();
        pane.onSeen();
      },
      onJump: () => this.#jumpDown(),
      onMention: (seq) => this.showMessage(seq),
      onShow: () => this.#showUnread(),
      onRead: () => pane.onMarkRead(),
    });
    this.element = element('div', { class: 'viewport' },
      this.#unseen.bar.element, this.#region, this.#unseen.mentions.element, this.#unseen.jump.element,
      this.#news.element);
    this.#region.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    addEventListener('pagehide', () => this.#keepPlace(), { signal: this.#ended.signal });
    this.#control = new MessageControl({
      region: this.#region,
      list: this.#list,
      rowAt: (key) => this.#rows.get(key),
      handlers: { run: pane.run, react: pane.react, leave: pane.leave, jump: (seq) => this.showMessage(seq) },
    });
  }

  /** Up to which message this conversation was read here. */
  get readThrough() {
    return this.#unseen.readThrough;
  }

  draw(state) {
    const conversation = state.conversations[this.#id];
    if (!conversation.loaded && state.outbox.length === 0) {
      if (!this.#isOpen) this.#top.draw(conversation, this.#pane.other);
      return;
    }
    if (!this.#isOpen && this.#opening.needsMore(state, conversation)) {
      this.#top.draw({ ...conversation, loaded: false }, this.#pane.other);
      this.#opening.load(conversation);
      return;
    }
    const waiting = state.outbox.filter((item) => item.conversation === this.#id);
    const inputs = [conversation, state.divider, state.users, blockedIn(state), this.#confirming, ...waiting];
    if (isDrawn(this.#drawn, inputs)) return;
    const newest = waiting.findLast(isSend);
    const wroteMore = newest && !this.#drawn?.some((input) => input?.clientMessageId === newest.clientMessageId);
    if (wroteMore && conversation.hasNewer) this.#showEnd();
    this.#drawn = inputs;
    const opensAt = this.#isOpen || conversation.messages.length === 0 ? null : this.#opening.seqIn(state, conversation);
    if (opensAt !== null) this.#part.moveTo(conversation.messages, opensAt);
    else if (wroteMore) this.#part.moveToEnd();
    this.#drawRows(state, conversation, waiting, opensAt === null && (this.#stuck || wroteMore));
    if (!this.#isOpen) this.#open(conversation);
    else if (wroteMore) this.#goTo(this.#scroll.end);
    else if (this.#stuck) this.#follow();
    this.#news.draw(state, conversation);
    this.#seek();
    this.#moved();
    this.#pane.onSeen();
    this.#fill();
  }

  /** Leads to the message with a number, and loads what is needed for that. */
  showMessage(seq) {
    this.#opening.seek(seq);
    this.#seek();
  }

  /** The newest row that `matches(row)`, or undefined; it is looked for among the newest ones. */
  lastRow(matches) {
    if (!this.#part.reachesEnd || this.#conversation.hasNewer) this.#showEnd();
    return !this.#conversation.hasNewer && [...this.#rows.values()].findLast((row) => row.kind === 'message' && matches(row));
  }

  /** The row of the message with a number, or undefined if it is not in the page. */
  rowOfMessage(seq) {
    return [...this.#rows.values()].find((row) => row.kind === 'message' && row.seq === seq);
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
    this.#keepPlace();
    this.#unseen.end();
    this.#ended.abort();
  }

  get #conversation() {
    return this.#store.state.conversations[this.#id];
  }

  get #isAtEnd() {
    return this.#part.reachesEnd && !this.#conversation.hasNewer && this.#scroll.isAtEnd;
  }

  /** Draws the part of the conversation that is in the page. `isAtEnd` says whether it is the end that must not move. */
  #drawRows(state, conversation, waiting, isAtEnd) {
    const anchor = isAtEnd ? null : this.#scroll.anchor();
    const first = this.#unseen.next();
    const follows = isAtEnd && (!first || this.#part.endHolds(conversation.messages, first.seq));
    const part = this.#part.settle(conversation.messages, follows);
    this.#top.draw(conversation, this.#pane.other, part.from > 0);
    const rows = rowsOf(state, conversation, waiting, this.#confirming, part);
    const arrived = this.#isOpen && rows.filter(({ key, mine, kind }) => kind === 'message' && !mine && !this.#rows.has(key));
    this.#rows = new Map(rows.map((row) => [row.key, row]));
    const hadFocus = this.#list.contains(document.activeElement);
    this.#control.around(() => reconcile(this.#list, rows, {
      key: (row) => row.key, version: (row) => row.version, make: rowOf, refresh: refreshRow,
    }));
    if (hadFocus && document.activeElement === document.body) this.#region.focus({ preventScroll: true });
    // Of many at once none is shown to arrive, nor is one's own.
    if (isAtEnd && arrived?.length === 1) this.#control.itemOf(arrived[0].key)?.classList.add('arriving');
    this.#scroll.hold(anchor);
    this.#unseen.watch(this.#list);
  }

  /** Draws another part of what is loaded. */
  #redraw() {
    const { state } = this.#store;
    this.#drawRows(state, this.#conversation, state.outbox.filter((item) => item.conversation === this.#id), false);
  }

  #open(conversation) {
    const divider = this.#list.querySelector('.new-divider');
    const sought = this.#itemOf(this.#opening.sought);
    const before = this.#itemOf(this.#opening.place?.seq);
    if (sought) this.#goTo(this.#scroll.middleOf(sought));
    else if (before) this.#goTo(before.offsetTop - this.#opening.place.top);
    else if (divider) this.#goTo(Math.min(this.#scroll.placeOf(divider), this.#scroll.end));
    else this.#goTo(this.#scroll.end);
    this.#isOpen = conversation.loaded;
    this.#stuck = this.#isAtEnd;
    if (this.#isOpen) this.#opening.place = null;
  }

  #itemOf(seq) {
    return seq === null || seq === undefined ? null : this.#list.querySelector(`#m${seq}`);
  }

  /** Goes to the message that is to be shown, or a page nearer to it. */
  #seek() {
    const { sought } = this.#opening;
    if (sought === null || !this.#isOpen) return;
    const { messages } = this.#conversation;
    if (!this.#itemOf(sought) && messages[placeOf(messages, sought)]?.seq === sought) {
      this.#part.moveTo(messages, sought);
      this.#redraw();
    }
    const item = this.#itemOf(sought);
    if (!item && this.#opening.isElsewhere(this.#conversation, sought)) {
      this.#opening.load(this.#conversation);
      return;
    }
    this.#opening.sought = null;
    if (!item) {
      toast('That message cannot be shown here.');
      return;
    }
    this.#goTo(Math.min(this.#scroll.middleOf(item), this.#scroll.end), 'smooth');
    markTarget(item);
    item.focus({ preventScroll: true });
  }

  /** Stays at the end while messages come, but never moves one out of sight that was not seen. */
  #follow() {
    const first = this.#itemOf(this.#unseen.next()?.seq);
    const furthest = first ? this.#scroll.placeOf(first) : Infinity;
    this.#goTo(Math.max(this.#scroll.room.above, Math.min(this.#scroll.end, furthest)));
  }

  #scrolled() {
    this.#stuck = this.#isAtEnd;
    this.#moved();
    this.#fill();
  }

  /** Draws or loads more at the end that is near. */
  #fill() {
    if (!this.#isOpen) return;
    const { messages } = this.#conversation;
    if (this.#scroll.room.above < margin && this.#part.growUp(messages)) this.#redraw();
    if (this.#scroll.room.below < margin && this.#part.growDown(messages)) this.#redraw();
    if (this.#scroll.room.above < margin) this.#opening.pages.older(50);
    if (this.#scroll.room.below < margin && this.#part.reachesEnd) this.#opening.pages.newer();
  }

  #moved() {
    if (!this.#isOpen) return;
    this.#unseen.draw(this.#scroll.inSight(), { isAtEnd: this.#isAtEnd });
    this.#scroll.drawDays();
  }

  /** Leads to the first message that was not read. */
  #showUnread() {
    const { messages } = this.#conversation;
    const first = this.#unseen.all()[0] ?? messages[0];
    this.#part.moveTo(messages, first.seq);
    this.#redraw();
    const item = this.#itemOf(first.seq);
    this.#goTo(!item || unreadBeforeLoaded(this.#conversation, this.#store.state.me.id) ? 0 : this.#scroll.placeOf(item));
    this.#fill();
  }

  async #showEnd() {
    // Whoever is far up leaps to the newest messages.
    if (this.#conversation.hasNewer && await this.#opening.pages.around() !== true) return;
    if (!this.#part.reachesEnd) {
      this.#part.moveToEnd();
      this.#redraw();
    }
    this.#goTo(this.#scroll.end, 'smooth');
  }

  /** First to the line before what is new, if that is further down, then to the end. */
  #jumpDown() {
    const { divider } = this.#store.state;
    const isBelow = divider?.conversation === this.#id && divider.after >= (this.#scroll.inSight().last ?? Infinity);
    if (isBelow && !this.#list.querySelector('.new-divider')) {
      this.#part.moveTo(this.#conversation.messages, divider.after + 1);
      this.#redraw();
    }
    const line = isBelow && this.#list.querySelector('.new-divider');
    if (line) this.#goTo(this.#scroll.placeOf(line), 'smooth');
    else this.#showEnd();
  }

  #goTo(top, behavior) {
    this.#stuck = this.#scroll.goTo(top, behavior) && this.#part.reachesEnd && !this.#conversation.hasNewer;
  }

  #keepPlace() {
    if (!this.#isOpen || !this.#region.isConnected) return;
    const anchor = this.#isAtEnd ? null : this.#scroll.anchor();
    keepPlace(this.#id, anchor?.seq ? { seq: anchor.seq, top: anchor.top } : null);
  }
}
