// Which of the loaded messages are in the page: a part of at most so many, however many were loaded. It grows at the end
// that somebody scrolls to and gives way at the other.
import { placeOf } from '../messages.js';

const most = 130;
const step = 50;

export class MessagePart {
  /** The numbers of the outermost messages; `#last` is null while the part goes on to the newest. */
  #first = null;
  #last = null;

  /** Whether the newest message belongs to it. */
  get reachesEnd() {
    return this.#last === null;
  }

  /**
   * Answers the part of `messages`, `{ from, to }`. While it `follows` the newest messages, the oldest give way to new ones;
   * else new ones beyond the limit wait outside.
   */
  settle(messages, follows) {
    const { length } = messages;
    let to = this.#last === null ? length : Math.min(placeOf(messages, this.#last) + 1, length);
    let from = this.#first === null ? 0 : placeOf(messages, this.#first);
    if (this.#first === null || (follows && this.#last === null)) from = Math.max(0, to - most);
    else to = Math.min(to, from + most);
    // Another stretch of the history may have taken the place of what was loaded.
    if (from >= to) [from, to] = [Math.max(0, length - most), length];
    return this.#set(messages, from, to);
  }

  /** Takes earlier messages in. Answers false if all that are loaded are in already. */
  growUp(messages) {
    const { from, to } = this.settle(messages, false);
    if (from === 0) return false;
    this.#set(messages, Math.max(0, from - step), Math.min(to, Math.max(0, from - step) + most));
    return true;
  }

  /** Takes later messages in. Answers false if all are in already. */
  growDown(messages) {
    const { from, to } = this.settle(messages, false);
    if (to === messages.length) return false;
    const end = Math.min(messages.length, to + step);
    this.#set(messages, Math.max(from, end - most), end);
    return true;
  }

  /** Moves to where a message is, with what comes before and after it. */
  moveTo(messages, seq) {
    const from = Math.max(0, placeOf(messages, seq) - step);
    this.#set(messages, Math.max(0, Math.min(from, messages.length - most)), Math.min(messages.length, from + most));
  }

  /** Moves to the newest messages. */
  moveToEnd() {
    this.#first = null;
    this.#last = null;
  }

  /** Whether the part would still hold a message if it moved to the newest ones. */
  endHolds(messages, seq) {
    return messages.length <= most || seq >= messages[messages.length - most].seq;
  }

  #set(messages, from, to) {
    this.#first = messages[from]?.seq ?? null;
    this.#last = to === messages.length ? null : messages[to - 1].seq;
    return { from, to };
  }
}
