// Where a list of messages opens, and what has to be loaded for that: the first unread message, one that is asked for, or
// where somebody was before.
import { placeIn } from '../places.js';
import { unreadBeforeLoaded } from '../unread.js';
import { HistoryPages } from './history-pages.js';

// How many pages are loaded to open at the first unread message; whoever has more opens at the earliest loaded.
const pagesToUnread = 5;
// What is so many numbers further up is loaded with what is in between; to what is further away, one leaps.
const near = 400;
// A server that is behind or in trouble is not asked for ever.
const mostLeaps = 3;

export class Opening {
  pages;
  /** The number of the message that is to be shown, until it is; else null. */
  sought;
  /** Where somebody was before, `{ seq, top }`, until it is shown; else null. */
  place = null;
  #pagesBack = 0;
  #leaps = 0;

  /** `at` is the number of a message that is asked for, or null. */
  constructor(store, id, at) {
    this.sought = at;
    this.pages = new HistoryPages(store, id);
    if (at === null && store.state.divider?.conversation !== id) this.place = placeIn(id);
  }

  /** Asks for another message. */
  seek(seq) {
    this.sought = seq;
    this.#pagesBack = 0;
    this.#leaps = 0;
  }

  /** The number of the message around which the list opens; null for the end. */
  seqIn({ divider }, { id }) {
    return this.sought ?? this.place?.seq ?? (divider?.conversation === id ? divider.after + 1 : null);
  }

  /** Whether the list is to open at a message that is not loaded yet. */
  needsMore({ divider, me }, conversation) {
    if (!conversation.loaded) return false;
    if (this.sought !== null) return this.isElsewhere(conversation, this.sought);
    if (this.place) return this.isElsewhere(conversation, this.place.seq);
    return divider?.conversation === conversation.id && this.#pagesBack < pagesToUnread
      && unreadBeforeLoaded(conversation, me.id);
  }

  /** Whether a message is outside of what is loaded, and can be reached. */
  isElsewhere({ messages, hasOlder, hasNewer }, seq) {
    if (messages.length === 0 || this.#leaps >= mostLeaps) return false;
    return (hasOlder && messages[0].seq > seq) || (hasNewer && messages.at(-1).seq < seq);
  }

  /** Loads a page on the way to what is to be shown. */
  async load({ messages }) {
    const seq = this.sought ?? this.place?.seq;
    const isNear = seq === undefined || (seq < messages[0].seq && messages[0].seq - seq <= near);
    const went = await (isNear ? this.pages.older(200) : this.pages.around(seq));
    if (went === true && isNear) this.#pagesBack += 1;
    if (went === true && !isNear) this.#leaps += 1;
    // A page that cannot be had keeps nobody from what there is.
    if (went === false) {
      this.#pagesBack = pagesToUnread;
      this.#leaps = mostLeaps;
    }
  }
}
