// Where a list of messages opens, and what has to be loaded for that: the first unread message, one that is asked for, or
// where somebody was before.
import { unreadBeforeLoaded } from '../conversation.js';
import { placeIn } from '../places.js';
import { OlderPages } from './older-pages.js';

// How many pages are loaded to open at the first unread message; whoever has more opens at the earliest loaded.
const pagesToUnread = 5;
// How many pages of 200 are loaded on the way to a message that is asked for.
const pagesToSought = 25;

export class Opening {
  /** The number of the message that is to be shown, until it is; else null. */
  sought;
  /** Where somebody was before, `{ seq, top }`, until it is shown; else null. */
  place = null;
  #older;
  #pagesBack = 0;

  /** `at` is the number of a message that is asked for, or null. */
  constructor(store, id, at) {
    this.sought = at;
    this.#older = new OlderPages(store, id);
    if (at === null && store.state.divider?.conversation !== id) this.place = placeIn(id);
  }

  /** Asks for another message. */
  seek(seq) {
    this.sought = seq;
    this.#pagesBack = 0;
  }

  /** The number of the message around which the list opens; null for the end. */
  seqIn({ divider }, { id }) {
    return this.sought ?? this.place?.seq ?? (divider?.conversation === id ? divider.after + 1 : null);
  }

  /** Whether the list is to open at a message that is not loaded yet. */
  needsMore({ divider, me }, conversation) {
    if (!conversation.loaded) return false;
    if (this.sought !== null) return this.isAbove(conversation, this.sought);
    if (this.place) return this.isAbove(conversation, this.place.seq);
    return divider?.conversation === conversation.id && this.#pagesBack < pagesToUnread
      && unreadBeforeLoaded(conversation, me.id);
  }

  /** Whether a message is further up than what is loaded, and not too far. */
  isAbove({ messages, hasOlder }, seq) {
    return hasOlder && messages.length > 0 && messages[0].seq > seq && this.#pagesBack < pagesToSought;
  }

  /** Loads an older page of at most `limit` messages. */
  async load(limit) {
    const went = await this.#older.load(limit);
    if (went === true) this.#pagesBack += 1;
    // An older page that cannot be had keeps nobody from what there is.
    if (went === false) this.#pagesBack = pagesToSought;
  }
}
