// What is read off the state of a tab. Pure.
import { archives, mutes, withChoices } from './choices.js';
import { hasGap, newestSeq } from './conversation.js';
import { isLeaving } from './pending.js';
import { memberCount } from './group-words.js';

/** The conversations in the order of the list: the one that was pinned last first, then the most recently active ones. */
export function conversationsInOrder(state) {
  return Object.values(state.conversations)
    .filter((each) => each.id === state.selected || (each.lastMessage && !each.isLeft && !isLeaving(state, each.id)))
    .map((each) => [each, settingsIn(state, each).pinnedAt ?? '', each.lastMessage?.sentAt ?? each.createdAt])
    .sort(([, ...one], [, ...other]) => descending(one[0], other[0]) || descending(one[1], other[1]))
    .map(([each]) => each);
}

const descending = (one, other) => (one < other ? 1 : one > other ? -1 : 0);

/** Whom a conversation is with: another person, this user (`isSelf`), or a group (`isGroup`). */
export function partner(state, conversation) {
  if (conversation.group) return groupOf(conversation);
  const id = Object.keys(conversation.members).find((user) => user !== state.me.id);
  return id ? state.users[id] ?? { id, username: '…', displayName: '…' } : notesOf(state.me);
}

const groups = new WeakMap();

/** The same object for the same group: whoever draws it looks whether it is another one. */
function groupOf({ id, group }) {
  if (!groups.has(group)) {
    const { name, about, memberCount: count } = group;
    groups.set(group, { id, displayName: name, about, line: memberCount(count), isGroup: true });
  }
  return groups.get(group);
}

/** The address of the conversation with somebody, or of a group. */
export const pathTo = ({ id, username, isGroup }) => (isGroup ? `/g/${id}` : `/chatwithme/${encodeURIComponent(username)}`);

const notes = new WeakMap();

/** The same object for the same user: whoever draws it looks whether it is another one. */
function notesOf(me) {
  if (!notes.has(me)) notes.set(me, { ...me, displayName: 'Note to self', about: undefined, isSelf: true });
  return notes.get(me);
}

/**
 * What the page says about its own freshness: "live", "sending", "unsent" after an attempt to send that failed,
 * "catching-up" or "offline".
 */
export function freshness(state) {
  if (state.link === 'offline') return 'offline';
  const waiting = unsent(state);
  if (waiting.some((item) => item.waiting)) return 'unsent';
  if (state.link !== 'live' || state.syncing || state.needsSync || !state.listed) return 'catching-up';
  if (hasGaps(state)) return 'catching-up';
  return waiting.length > 0 ? 'sending' : 'live';
}

/** What was written or changed and is neither stored nor refused. */
export function unsent(state) {
  return state.outbox.filter((item) => !item.stored && !item.refusal);
}

/** What this user has chosen for a conversation, with what waits in the outbox. */
export function settingsIn({ outbox }, conversation) {
  return withChoices(conversation.settings, outbox.filter((item) => item.conversation === conversation.id));
}

const blocks = new WeakMap();

/** The ids of those whom this user has blocked, as far as the list says, as one text. */
export function blockedIn({ conversations, me }) {
  if (!blocks.has(conversations)) {
    blocks.set(conversations, Object.values(conversations).filter((each) => !each.group && each.settings?.isBlocked)
      .flatMap(({ members }) => Object.keys(members)).filter((id) => id !== me.id).join());
  }
  return blocks.get(conversations);
}

export const hasBlocked = (state, userId) => blockedIn(state).includes(userId);

export const foldedWords = 'Message from somebody you blocked';

/** How somebody is called in this tab. */
export function nameIn(state, userId) {
  return userId === state.me.id ? 'You' : state.users[userId]?.displayName ?? 'Somebody';
}

/** How many messages are unread in the conversations that somebody wants to be told of. */
export function unreadTotal(state) {
  return Object.values(state.conversations).reduce((total, each) => (
    each.unread === 0 || shelf(state, each) || isLeaving(state, each.id) ? total
      : total + (isMuted(state, each) ? tellsMentions(state, each) && each.mentions.length : each.unread)), 0);
}

/** Whether somebody wants to be told nothing of a conversation, be it of this one or of any. */
export function isMuted(state, conversation) {
  return state.notices.direct === 'none' || mutes(settingsIn(state, conversation), state.now);
}

/** Whether somebody wants to be told of mentions and replies in a conversation that is muted. */
export function tellsMentions(state, conversation) {
  return state.notices.direct !== 'none' && Boolean(settingsIn(state, conversation).tellsMentions);
}

/**
 * Why nobody writes in a conversation: "blocked" by this user, "refused" by the other one, "waiting" or "declined" if it is a
 * stranger's request, "left" if this user is no member of the group any more, or null if they do.
 */
export function closedBy(state, conversation) {
  if (conversation.isLeft || isLeaving(state, conversation.id)) return 'left';
  const { isBlocked, request } = settingsIn(state, conversation);
  if (isBlocked) return 'blocked';
  return request ?? (conversation.isRefused ? 'refused' : null);
}

/** Where a conversation is that is out of the list: "archived", "requests", or "declined" if it is nowhere; else undefined. */
export function shelf(state, conversation) {
  const settings = settingsIn(state, conversation);
  if (settings.request) return settings.request === 'waiting' ? 'requests' : 'declined';
  return archives(settings, newestSeq(conversation), state.now) ? 'archived' : undefined;
}

/**
 * How far a message in the outbox has come: "saving" until it is on disk, then "queued", "waiting" after an attempt that
 * failed, "sent" once it is stored, or "failed".
 */
export function progressOfWaiting(item) {
  if (item.refusal) return 'failed';
  if (item.stored) return 'sent';
  if (item.saving) return 'saving';
  return item.waiting ? 'waiting' : 'queued';
}

/** Whether some conversation waits for changes that only a sync can bring. */
export function hasGaps(state) {
  return Object.values(state.conversations).some(hasGap);
}

/** In how many conversations changes were found to be missing; told to the server with the sync that brings them. */
export function countGaps(state) {
  const gaps = new Set(state.behind);
  for (const each of Object.values(state.conversations)) {
    if (hasGap(each)) gaps.add(each.id);
  }
  return gaps.size;
}
