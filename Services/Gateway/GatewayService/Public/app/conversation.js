// One conversation as this tab knows it, and the rules by which it changes. Pure: no clock, no network, no page.
//
// `head` is the highest revision that was applied without a gap. A change that comes too early is held until the ones
// before it have come, by themselves or through a sync.
import { newerSettings } from './choices.js';
import { beginsLater, newerGroup, withinHistory, withLine } from './groups.js';
import { isNewer, shows, takeIn, withFirstPage, withPage } from './messages.js';
import {
  knowsMentions, readPosition, reachesRead, unknown, withCount, withLoadedCount, withoutCount, withoutReadMentions, withServerCount,
} from './unread.js';

/** Makes a record from the server's description of a conversation. */
export function fromSummary(summary) {
  return {
    id: summary.id,
    members: membersOf(summary),
    settings: settingsOf(summary),
    /** What the group is, or null. */
    group: summary.group ?? null,
    /** Whether this user is no member of the group any more. */
    isLeft: false,
    leftAt: -1,
    /** Whether the other person has blocked this user. */
    isRefused: summary.isRefused ?? false,
    head: summary.head,
    unread: summary.unread,
    countedHead: summary.head,
    mentions: summary.mentions ?? [],
    lastMessage: summary.lastMessage ?? null,
    createdAt: summary.createdAt,
    loaded: false,
    messages: [],
    hasOlder: false,
    hasNewer: false,
    /** While a page is on its way: which one, and the head at which it was asked for, `{ side, head }`; else null. */
    loading: null,
    aside: {},
    gone: {},
    held: {},
  };
}

/** Takes a newer description of a known conversation. What was applied later than it was made stays. */
export function withSummary(conversation, summary, myId) {
  const members = mergeMembers(conversation.members, membersOf(summary));
  const settings = newerSettings(conversation.settings, settingsOf(summary));
  let next = {
    ...conversation, members, settings, isRefused: summary.isRefused ?? false,
    group: newerGroup(conversation, summary),
    isLeft: conversation.isLeft && summary.head <= conversation.leftAt,
  };
  if (summary.head >= conversation.countedHead && summary.head >= conversation.head) {
    if (!isBehind(membersOf(summary)[myId], conversation.members[myId])) {
      next = withServerCount(next, summary);
    }
  }
  const moved = readPosition(next, myId) !== readPosition(conversation, myId);
  if (!conversation.loaded && summary.head > conversation.head) {
    next.head = summary.head;
  }
  if (isNewer(summary.lastMessage, conversation.lastMessage)) {
    next.lastMessage = summary.lastMessage;
  }
  const visible = withinHistory(next, conversation);
  return dropHeld(moved && next.countedHead !== summary.head ? withoutCount(visible, myId) : visible);
}

/** Applies one live change, or holds it if changes before it are missing. */
export function withMessage(conversation, message, myId) {
  // Of a group that this user is out of, a sync tells what is new.
  if (message.rev <= conversation.head || conversation.isLeft) return conversation;
  if (message.rev > conversation.head + 1) {
    // What is shown already may show its newest state: only the head has to wait.
    const next = conversation.loaded && shows(conversation, message.seq) ? takeIn(conversation, message) : conversation;
    return { ...next, held: { ...conversation.held, [message.rev]: message } };
  }
  return drainHeld(applyInOrder(conversation, message, myId), myId);
}

/**
 * Applies what a sync answered: changes after the cursor, or the newest page if the client was too far behind, or ahead of
 * a server that was restored from a backup. `asked` is the cursor that was sent. Each message comes as it is now, so the
 * numbers of changes that later ones replaced are missing, and the answer's cursor says how far it reaches.
 */
export function withChanges(conversation, changes, myId, asked) {
  let next = conversation;
  if (changes.reset) {
    // Live changes that came after the question are newer than the answer.
    if (changes.cursor < conversation.head && conversation.head !== asked) return conversation;
    next = {
      ...next,
      messages: changes.messages,
      hasOlder: changes.hasOlder || beginsLater(next, changes.messages),
      hasNewer: false,
      loading: null,
      aside: {},
      gone: {},
      head: changes.cursor,
      countedHead: Math.min(next.countedHead, changes.cursor),
      lastMessage: changes.messages.at(-1) ?? next.lastMessage,
    };
  } else {
    for (const message of changes.messages) next = withEntry(next, message);
    if (changes.cursor > next.head) next = { ...next, head: changes.cursor };
  }
  const isCounted = !changes.reset || conversation.countedHead === changes.cursor;
  const counted = isCounted ? withCount(next, changes.messages, myId) : withoutCount(next, myId);
  return drainHeld(dropHeld(counted), myId);
}

/** Takes the page that a conversation is opened with, as a rule the newest, as the beginning of what is shown. */
export function withOpeningPage(conversation, page, myId) {
  const isKnown = conversation.hasNewer ? conversation.head > page.head : conversation.head >= page.head;
  if (conversation.loaded && isKnown) return conversation;
  const last = page.messages.at(-1);
  const next = {
    ...withFirstPage(conversation, page),
    loaded: true,
    head: Math.max(page.head, 0),
    lastMessage: isNewer(last, conversation.lastMessage) ? last : conversation.lastMessage,
  };
  return drainHeld(dropHeld(next.head > next.countedHead ? withoutCount(next, myId) : next), myId);
}

/** A page is asked for: `side` is that of `withPage`. */
export function withPageRequested(conversation, side) {
  return { ...conversation, loading: { side, head: conversation.head }, aside: {} };
}

/**
 * Takes in a page that was asked for. `from` is the message that it was to come before or after, which a reset may have
 * replaced.
 */
export function withPageLoaded(conversation, page, side, from, myId) {
  const edge = conversation.messages.at(side === 'newer' ? -1 : 0)?.seq;
  if (conversation.loading?.side !== side || (side !== 'around' && edge !== from)) return withoutPage(conversation);
  const next = withPage(conversation, page, side);
  return reachesRead(next, myId) ? withCount(next, [], myId) : next;
}

/** No page is on its way any more. */
export function withoutPage(conversation) {
  return { ...conversation, loading: null, aside: {} };
}

/** What the server answered to a change that was made here is shown before the changes in between have come. */
export function withAnswer(conversation, message, myId) {
  const next = withMessage(conversation, message, myId);
  return next.loaded && shows(next, message.seq) ? takeIn(next, message) : next;
}

/** A member received or read further, or has marked messages as unread. */
export function withPosition(conversation, position, myId) {
  const members = mergeMembers(conversation.members, { [position.user]: positionsOf(position) });
  const next = { ...conversation, members };
  if (position.user !== myId) return next;
  if (position.head >= Math.max(conversation.countedHead, conversation.head) && !isBehind(position, conversation.members[myId])
    && knowsMentions(conversation, position, myId)) {
    return withoutReadMentions({ ...next, unread: position.unread, countedHead: position.head }, myId);
  }
  return readPosition(next, myId) !== readPosition(conversation, myId) ? withoutCount(next, myId) : next;
}

/**
 * This tab's user has marked a message, and what follows, as unread; the server is told apart from this. Until it answers,
 * the mark counts as half a one: nothing that is older undoes it, and what the server makes of it is newer in any case.
 */
export function withUnreadFrom(conversation, seq, myId) {
  const mine = mineIn(conversation, myId);
  if (seq > mine.read) return conversation;
  const members = { ...conversation.members, [myId]: { ...mine, read: seq - 1, unreadMarks: mine.unreadMarks + 0.5 } };
  return withoutCount({ ...conversation, members }, myId);
}

/** Takes the positions of a member as they are given, also if they are older. */
export function withPositionsOf(conversation, user, positions) {
  return { ...conversation, members: { ...conversation.members, [user]: positions }, countedHead: unknown };
}

/** This tab's user has seen everything up to `seq`; the server is told apart from this. */
export function withReadHere(conversation, seq, myId) {
  if (readPosition(conversation, myId) >= seq) return conversation;
  const mine = mineIn(conversation, myId);
  const members = {
    ...conversation.members,
    [myId]: { ...mine, read: seq, received: Math.max(mine.received, seq) },
  };
  const next = { ...conversation, members };
  if (next.hasNewer) return withoutCount(next, myId);
  return withLoadedCount(next, myId);
}

/** This user has chosen something for the conversation, on any device. */
export function withSettings(conversation, settings) {
  const newest = newerSettings(conversation.settings, settings ?? null);
  return newest === conversation.settings ? conversation : { ...conversation, settings: newest };
}

/** Whether changes are missing that only a sync can bring. */
export function hasGap(conversation) {
  return Object.keys(conversation.held).length > 0;
}

/** The highest `seq` up to which nothing is missing. */
export function newestSeq(conversation) {
  return conversation.lastMessage?.seq ?? 0;
}

/** How far a message of `myId` has come: "sent", "delivered" or "read" by everybody else; notes are only sent. */
export function progressOf(conversation, seq, myId) {
  const others = othersIn(conversation, myId);
  if (others.length === 0) return 'sent';
  if (others.every(({ read }) => read >= seq)) return 'read';
  if (others.every(({ received }) => received >= seq)) return 'delivered';
  return 'sent';
}

/** The newest message of `myId` that everybody else has read, `{ seq, at }`, or null if that may not be loaded. */
export function newestRead(conversation, myId) {
  if (conversation.hasNewer) return null;
  const newest = conversation.messages.findLast((each) => each.sender === myId && !each.deleted
    && progressOf(conversation, each.seq, myId) === 'read');
  if (!newest) return null;
  return { seq: newest.seq, at: othersIn(conversation, myId).map(({ readAt }) => readAt).reduce(later, undefined) };
}

function applyInOrder(conversation, message, myId) {
  return withCount({ ...withEntry(conversation, message), head: message.rev }, [message], myId);
}

function withEntry(before, message) {
  const conversation = message.line && message.rev > before.head ? withLine(before, message) : before;
  const next = conversation.loaded ? takeIn(conversation, message) : conversation;
  return isNewer(message, next.lastMessage) ? { ...next, lastMessage: message } : next;
}

function drainHeld(conversation, myId) {
  let next = conversation;
  while (next.held[next.head + 1]) {
    const message = next.held[next.head + 1];
    const held = { ...next.held };
    delete held[message.rev];
    next = applyInOrder({ ...next, held }, message, myId);
  }
  return next;
}

function dropHeld(conversation) {
  const kept = Object.entries(conversation.held).filter(([rev]) => Number(rev) > conversation.head);
  if (kept.length === Object.keys(conversation.held).length) return conversation;
  return { ...conversation, held: Object.fromEntries(kept) };
}

function membersOf(summary) {
  return Object.fromEntries(summary.members.map((member) => [member.user, positionsOf(member)]));
}

/** Nobody sees but their own. */
function settingsOf(summary) {
  return summary.members.find(({ settings }) => settings)?.settings ?? null;
}

function othersIn({ members }, myId) {
  return Object.entries(members).filter(([user]) => user !== myId).map(([, positions]) => positions);
}

function mineIn({ members }, myId) {
  return members[myId] ?? { received: 0, read: 0, unreadMarks: 0 };
}

function positionsOf({ received, read, unreadMarks = 0, readAt }) {
  return { received, read, unreadMarks, readAt };
}

/** Whether read positions are older than other ones: more marks as unread are newer, whichever is higher. */
function isBehind(positions, known) {
  if (!known) return false;
  const marks = (positions?.unreadMarks ?? 0) - known.unreadMarks;
  return marks < 0 || (marks === 0 && (positions?.read ?? 0) < known.read);
}

/** The later of two moments as the server writes them, either of which may be missing. */
function later(one, other) {
  return !other || one > other ? one : other;
}

function mergeMembers(known, heard) {
  const merged = { ...known };
  for (const [user, positions] of Object.entries(heard)) {
    const newer = isBehind(positions, known[user]) ? known[user] : positions;
    merged[user] = {
      ...newer,
      received: Math.max(positions.received, known[user]?.received ?? 0),
      readAt: later(positions.readAt, known[user]?.readAt),
    };
  }
  return merged;
}
