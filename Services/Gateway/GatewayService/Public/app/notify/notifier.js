// Tells of new messages: once for all tabs of a browser, and not of what is before somebody's eyes.
import { mentions } from '../messages.js';
import { isNews } from '../notices.js';
import { hasBlocked, isMuted, settingsIn, tellsMentions } from '../selectors.js';
import { isQuiet } from './quiet.js';
import { wordNotices } from './wording.js';
import { playSound } from './sound.js';

// A tab that shows a conversation to somebody claims it at once. The one that holds the live stream tells of what nobody has
// claimed, so long after it came. One that sleeps can hold nobody up: no tab waits for another one.
const courtesy = 400;
// While the page catches up, more may come; so often it is waited for.
const mostPauses = 20;

export class Notifier {
  #store;
  #settings;
  #claims;
  #desktop;
  /** By conversation the number behind which everything is new. */
  #pending = new Map();
  #isCaughtUp = false;
  #isAway = false;
  #onAway;
  #timer = null;
  #pauses = 0;
  #isTelling;

  /**
   * `isTelling()` answers whether this is the tab that tells; `onAway()` is called once what came while nobody was here is
   * dealt with, told or not.
   */
  constructor({ store, settings, claims, desktop, isTelling, onAway }) {
    this.#store = store;
    this.#settings = settings;
    this.#claims = claims;
    this.#desktop = desktop;
    this.#isTelling = isTelling;
    this.#onAway = onAway;
    store.subscribe((after, before) => this.#closeRead(after, before));
  }

  /**
   * There is something new in conversations, behind the numbers `from`; `onScreen` is the one that this tab showed to somebody
   * then, if it did.
   */
  arrived({ ids, from, isCaughtUp, isAway, onScreen }) {
    const seen = ids.filter((id) => id === onScreen);
    if (seen.length > 0) this.#claim(seen);
    for (const [index, id] of ids.entries()) {
      if (id !== onScreen && !this.#pending.has(id)) this.#pending.set(id, from[index]);
    }
    if (this.#pending.size === 0) return;
    this.#isCaughtUp ||= isCaughtUp;
    this.#isAway ||= isAway;
    this.#timer ??= setTimeout(() => this.#tell(), courtesy);
  }

  #tell() {
    this.#timer = null;
    const { syncing, needsSync, link } = this.#store.state;
    if ((syncing || (needsSync && link === 'live') || this.#hasStrangers()) && this.#pauses < mostPauses) {
      this.#pauses += 1;
      this.#timer = setTimeout(() => this.#tell(), courtesy);
      return;
    }
    const news = new Map(this.#pending);
    const isCaughtUp = this.#isCaughtUp;
    const isAway = this.#isAway;
    this.#pending.clear();
    this.#isCaughtUp = false;
    this.#isAway = false;
    this.#pauses = 0;
    if (this.#isTelling()) this.#notify(news, isCaughtUp);
    if (isAway) this.#onAway();
  }

  /** Whoever has written in a group and is not known yet is being looked up. */
  #hasStrangers() {
    const { conversations, users } = this.#store.state;
    return [...this.#pending.keys()].some((id) => conversations[id]?.group && !users[conversations[id].lastMessage?.sender]);
  }

  #notify(news, isCaughtUp) {
    const fresh = this.#claim([...news.keys()]);
    const { state } = this.#store;
    const told = fresh.map((id) => ({ id, message: wantedIn(state, state.conversations[id], news.get(id)) }))
      .filter(({ message }) => message);
    const { on, text, sound, quiet } = this.#settings.read();
    if (told.length === 0 || isQuiet(quiet)) return;
    if (sound) playSound().catch(() => undefined);
    if (!on) return;
    for (const notice of wordNotices(state, told, { showsText: text, isCaughtUp })) {
      this.#desktop.show(notice).catch(() => undefined);
    }
  }

  /** Those of which nobody was told yet. What was read or deleted meanwhile is no news. */
  #claim(ids) {
    const { conversations, me } = this.#store.state;
    const news = ids.filter((id) => isNews(conversations[id], 0, me.id));
    const wanted = Object.fromEntries(news.map((id) => [id, conversations[id].lastMessage.seq]));
    return this.#claims.claim(wanted, (id) => conversations[id]?.unread > 0);
  }

  /** What was read, here or elsewhere, is not told of any longer; nor is a message that was deleted. */
  #closeRead(after, before) {
    if (after.conversations === before.conversations) return;
    const isOver = (id) => !after.conversations[id] || !isNews(after.conversations[id], 0, after.me.id);
    const hasEnded = Object.values(before.conversations)
      .some((each) => after.conversations[each.id] !== each && isNews(each, 0, before.me.id) && isOver(each.id));
    if (hasEnded) this.#desktop.close(isOver).catch(() => undefined);
  }
}

/**
 * The newest message behind the number `from` that somebody wants to be told of, or null. Of one that is not loaded it is only
 * known that it calls this user: `{ isCall: true }`.
 */
function wantedIn(state, conversation, from) {
  if (settingsIn(state, conversation).request) return null;
  const { messages, lastMessage, mentions: calls } = conversation;
  const { id: me } = state.me;
  const news = [...messages.filter(({ seq }) => seq > from && seq < lastMessage.seq), lastMessage]
    .filter((each) => each.sender !== me && !each.deleted && !each.line && !hasBlocked(state, each.sender));
  if (!isMuted(state, conversation)) return news.at(-1) ?? null;
  if (!tellsMentions(state, conversation)) return null;
  return news.findLast((each) => mentions(each, me) || each.replyTo?.sender === me)
    ?? (calls.some((seq) => seq > from) ? { isCall: true } : null);
}
