// How many messages of one conversation are unread, which of them mention this user, and how far it was read. Pure.
// `countedHead` is the head that `unread` is exact at, so that a message which the server's count already includes is not
// counted again. `mentions` has no such head: whether a number is in it follows from the last state of its message.
import { counts, mentions } from './messages.js';

/** Takes the place of the head that a count was made at while there is no count that can be carried on. */
export const unknown = -1;

const mostCounted = 1_000;
const mostMentions = 100;

/** Whether it is known how many messages are unread; if not, a sync tells. */
export function hasCount(conversation) {
  return conversation.countedHead !== unknown;
}

export function readPosition(conversation, userId) {
  return conversation.members[userId]?.read ?? 0;
}

/**
 * How far `myId` has read, given what was on the screen: up to the first message of somebody else that was not, so that
 * what was jumped over stays unread. `seen(seq)` tells whether a message was on the screen.
 */
export function readThrough(conversation, myId, seen) {
  const from = readPosition(conversation, myId);
  if (unreadBeforeLoaded(conversation, myId)) return from;
  let through = from;
  for (const message of conversation.messages) {
    const { seq } = message;
    if (seq <= from || !counts(message, myId, Infinity)) continue;
    if (!seen(seq)) break;
    through = seq;
  }
  return through;
}

/** Whether unread messages are older than everything that is loaded. */
export function unreadBeforeLoaded(conversation, myId) {
  // Numbers between two messages may be those of changes, so only the count tells whether any message is missing.
  return !reachesRead(conversation, myId) && conversation.unread > unreadLoaded(conversation, myId);
}

/**
 * Moves the count of unread messages on to the head, given every message that changed since it was made. Whether one was
 * counted before depends on where the count was made, not on the order in which changes are applied: a message may be
 * born, edited and deleted between two looks at it.
 */
export function withCount(conversation, changed, myId) {
  const { head, countedHead: base } = conversation;
  if (head >= base && conversation.loaded && reachesRead(conversation, myId)) return withLoadedCount(conversation, myId);
  return withUnread(withMentions(conversation, changed, myId), changed, myId);
}

/** Takes the count from what is loaded, which is everything behind the read position. */
export function withLoadedCount(conversation, myId) {
  const read = readPosition(conversation, myId);
  return {
    ...conversation, unread: unreadLoaded(conversation, myId), countedHead: conversation.head,
    mentions: conversation.messages.filter((each) => each.seq > read && mentions(each, myId)).map(({ seq }) => seq),
  };
}

/** Takes what the server says, exact at a head; `told` are the numbers of the mentions, which only groups have. */
export function withServerCount(conversation, { unread, head, mentions: told = [] }) {
  return { ...conversation, unread, countedHead: head, mentions: told };
}

/**
 * Whether it is known which messages mention this user as of a head and a read position: of a group only if nothing is missing
 * before that head, and those that are told do not hide others.
 */
export function knowsMentions(conversation, { head, read }, myId) {
  const before = readPosition(conversation, myId);
  return !conversation.group || (hasCount(conversation) && head <= Math.max(conversation.head, conversation.countedHead)
    && (read === before || (read > before && conversation.mentions.length < mostMentions)));
}

/** Leaves out the mentions that were read. */
export function withoutReadMentions(conversation, myId) {
  const read = readPosition(conversation, myId);
  return { ...conversation, mentions: conversation.mentions.filter((seq) => seq > read) };
}

function withMentions(conversation, changed, myId) {
  const read = readPosition(conversation, myId);
  let { mentions: known, countedHead } = conversation;
  for (const message of changed) {
    const { seq } = message;
    const isKnown = known.includes(seq);
    if (seq <= read || isKnown === mentions(message, myId)) continue;
    if (isKnown && known.length >= mostMentions) countedHead = unknown;
    known = (isKnown ? known.filter((each) => each !== seq) : [...known, seq].sort((one, other) => one - other)).slice(0, mostMentions);
  }
  return known === conversation.mentions ? conversation : { ...conversation, mentions: known, countedHead };
}

function withUnread(conversation, changed, myId) {
  const { head, countedHead: base } = conversation;
  if (head <= base || !hasCount(conversation)) return conversation;
  const read = readPosition(conversation, myId);
  let { unread } = conversation;
  for (const message of changed) {
    if (message.rev <= base || message.seq <= read) continue;
    unread += Number(counts(message, myId, head)) - Number(message.seq <= base && counts(message, myId, base));
  }
  // In groups this many stands for as many or more.
  if (conversation.group && conversation.unread >= mostCounted) unread = Math.max(unread, mostCounted);
  return { ...conversation, unread, countedHead: head };
}

/** Counts what is loaded; if that is not everything after the read position, the server is to be asked. */
export function withoutCount(conversation, myId) {
  const next = withCount({ ...conversation, countedHead: Math.min(conversation.countedHead, conversation.head) }, [], myId);
  return reachesRead(next, myId) && next.loaded ? next : { ...next, countedHead: unknown };
}

/** Whether everything after the read position is loaded for certain. */
export function reachesRead(conversation, myId) {
  const { messages, hasOlder, hasNewer } = conversation;
  return !hasNewer && (!hasOlder || (messages[0]?.seq ?? 1) <= readPosition(conversation, myId) + 1);
}

export function unreadLoaded(conversation, myId) {
  const read = readPosition(conversation, myId);
  return conversation.messages.filter((each) => each.seq > read && counts(each, myId, conversation.head)).length;
}
