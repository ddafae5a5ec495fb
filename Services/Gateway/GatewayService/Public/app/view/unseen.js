// Others' messages that were not on the screen yet: which they are, and what the list says of them. A round button counts
// those further down, another one those that mention this user, a bar those that were jumped over.
import { counts, placeOf } from '../messages.js';
import { readPosition, readThrough, unreadBeforeLoaded } from '../unread.js';
import { icon } from './dom.js';
import { Jump } from './jump.js';
import { ReadBar } from './read-bar.js';
import { Sight } from './sight.js';

export class Unseen {
  jump;
  mentions;
  bar;
  #sight;
  #conversation;
  #me;
  /** The number of the first message in sight. */
  #from = 0;

  /**
   * `region` is what scrolls, `conversation()` answers the conversation of `me` as it is now; `onSeen()` is called when more
   * was seen, `onJump`, `onMention(seq)`, `onShow` and `onRead` when somebody wants to go down, to a message that mentions them,
   * to what was jumped over, or says that it was read.
   */
  constructor({ region, conversation, me, onSeen, onJump, onMention, onShow, onRead }) {
    this.#conversation = conversation;
    this.#me = me;
    this.#sight = new Sight(region, onSeen);
    this.jump = new Jump({ title: 'Jump to newest', name: 'newest', mark: icon('down'), unit: 'new', onClick: onJump });
    this.mentions = new Jump({
      title: 'Jump to mention', name: 'at', mark: '@', unit: 'unread', onClick: () => onMention(this.#unseenMentions()[0]),
    });
    this.bar = new ReadBar({ onShow, onRead });
  }

  /** Up to which message the conversation was read here. */
  get readThrough() {
    return readThrough(this.#conversation(), this.#me, (seq) => this.#sight.has(seq));
  }

  /** From the oldest to the newest. */
  all() {
    const { messages, head } = this.#conversation();
    return messages.slice(placeOf(messages, readPosition(this.#conversation(), this.#me) + 1))
      .filter((each) => counts(each, this.#me, head) && !this.#sight.has(each.seq));
  }

  /** The first one that nobody has passed yet, or undefined. */
  next() {
    return this.all().find(({ seq }) => seq >= this.#from);
  }

  #unseenMentions() {
    return this.#conversation().mentions.filter((seq) => !this.#sight.has(seq));
  }

  /** Watches the elements in `list` that were not read. */
  watch(list) {
    const read = readPosition(this.#conversation(), this.#me);
    for (const each of list.querySelectorAll('.message:not(.mine, .deleted)[data-seq]')) {
      if (Number(each.dataset.seq) > read) this.#sight.watch(each);
    }
  }

  /** Says what there is, given the numbers of the outermost messages in sight. */
  draw({ first, last }, { isAtEnd }) {
    this.#from = first ?? 0;
    const all = this.all();
    this.jump.draw({ hidden: isAtEnd, count: last === null ? 0 : all.filter(({ seq }) => seq > last).length });
    const { length } = this.#unseenMentions();
    this.mentions.draw({ hidden: length === 0, count: length });
    const { unread, settings } = this.#conversation();
    const isJumpedOver = unread > 0 && !settings?.request && (all[0]?.seq < this.#from || unreadBeforeLoaded(this.#conversation(), this.#me));
    this.bar.draw(isJumpedOver ? unread : 0);
  }

  end() {
    this.#sight.end();
  }
}
