// One conversation as this tab knows it, and the rules by which it changes. Pure: no clock, no network, no page.
//
// `head` is the highest revision that was applied without a gap. A change that comes too early is held until the ones
// before it have come, by themselves or through a sync. `countedHead` is the head that `unread` was counted at, so that
// a message which the server's count already includes is not counted again.

/** Makes a record from the server's description of a conversation. */
export function fromSummary(summary) {
  return {
    id: summary.id,
    members: membersOf(summary),
    head: summary.head,
    unread: summary.unread,
    countedHead: summary.head,
    lastMessage: summary.lastMessage ?? null,
    createdAt: summary.createdAt,
    loaded: false,
    messages: [],
    hasOlder: false,
    loadingOlder: false,
    held: {},
  };
}

/** Takes a newer description of a known conversation. What was applied later than it was made stays. */
export function withSummary(conversation, summary, myId) {
  const members = mergeMembers(conversation.members, membersOf(summary));
  const next = { ...conversation, members };
  if (summary.head >= conversation.countedHead && summary.head >= conversation.head) {
    const iReadMore = readPosition(conversation, myId) > (membersOf(summary)[myId]?.read ?? 0);
    if (!iReadMore) {
      next.unread = summary.unread;
      next.countedHead = summary.head;
    }
  }
  if (!conversation.loaded && summary.head > conversation.head) {
    next.head = summary.head;
  }
  if (isNewer(summary.lastMessage, conversation.lastMessage)) {
    next.lastMessage = summary.lastMessage;
  }
  return dropHeld(next);
}

/** Applies one live change, or holds it if changes before it are missing. */
export function withMessage(conversation, message, myId) {
  if (message.rev <= conversation.head) return conversation;
  if (message.rev > conversation.head + 1) {
    return { ...conversation, held: { ...conversation.held, [message.rev]: message } };
  }
  return drainHeld(applyInOrder(conversation, message, myId), myId);
}

/**
 * Applies what a sync answered: changes after the cursor, or the newest page if the client was too far behind, or ahead of
 * a server that was restored from a backup. `asked` is the cursor that was sent.
 */
export function withChanges(conversation, changes, myId, asked) {
  let next = conversation;
  if (changes.reset) {
    // Live changes that came after the question are newer than the answer.
    if (changes.cursor < conversation.head && conversation.head !== asked) return conversation;
    next = {
      ...next,
      messages: changes.messages,
      hasOlder: changes.hasOlder,
      head: changes.cursor,
      countedHead: Math.min(next.countedHead, changes.cursor),
      lastMessage: changes.messages.at(-1) ?? next.lastMessage,
    };
  } else {
    for (const message of changes.messages) {
      if (message.rev > next.head) next = applyInOrder(next, message, myId);
    }
    if (changes.cursor > next.head) next = { ...next, head: changes.cursor };
  }
  return drainHeld(dropHeld(next), myId);
}

/** Takes the newest page of the history as the beginning of what is shown. */
export function withNewestPage(conversation, page, myId) {
  if (conversation.loaded && conversation.head >= page.head) return conversation;
  const next = {
    ...conversation,
    loaded: true,
    messages: page.messages,
    hasOlder: page.hasOlder,
    head: Math.max(page.head, 0),
    lastMessage: page.messages.at(-1) ?? conversation.lastMessage,
  };
  return drainHeld(dropHeld(next), myId);
}

/** Puts an older page before what is shown. */
export function withOlderPage(conversation, page) {
  const first = conversation.messages[0]?.seq ?? Infinity;
  const older = page.messages.filter((message) => message.seq < first);
  return {
    ...conversation,
    messages: [...older, ...conversation.messages],
    hasOlder: page.hasOlder,
    loadingOlder: false,
  };
}

/** A member received or read further. Positions only move forward. */
export function withPosition(conversation, position, myId) {
  const members = mergeMembers(conversation.members, {
    [position.user]: { received: position.received, read: position.read },
  });
  const next = { ...conversation, members };
  if (position.user === myId && position.head >= conversation.countedHead
    && position.read >= readPosition(conversation, myId)) {
    next.unread = position.unread;
    next.countedHead = position.head;
  }
  return next;
}

/** This tab's user has seen everything up to `seq`; the server is told apart from this. */
export function withReadHere(conversation, seq, myId) {
  if (readPosition(conversation, myId) >= seq) return conversation;
  const mine = conversation.members[myId] ?? { received: 0, read: 0 };
  const members = {
    ...conversation.members,
    [myId]: { read: seq, received: Math.max(mine.received, seq) },
  };
  const unread = conversation.messages.filter((message) => message.seq > seq && message.sender !== myId).length;
  return { ...conversation, members, unread, countedHead: Math.max(conversation.head, conversation.countedHead) };
}

/** Whether changes are missing that only a sync can bring. */
export function hasGap(conversation) {
  return Object.keys(conversation.held).length > 0;
}

/** The highest `seq` up to which nothing is missing. */
export function newestSeq(conversation) {
  return conversation.lastMessage?.seq ?? 0;
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
  for (const { seq, sender } of conversation.messages) {
    if (seq <= from || sender === myId) continue;
    if (!seen(seq)) break;
    through = seq;
  }
  return through;
}

/** Whether unread messages are older than everything that is loaded. */
export function unreadBeforeLoaded(conversation, myId) {
  return conversation.hasOlder && (conversation.messages[0]?.seq ?? 1) > readPosition(conversation, myId) + 1;
}

/** How far a message of `myId` has come: "sent", "delivered" or "read" by everybody else. */
export function progressOf(conversation, seq, myId) {
  const others = Object.entries(conversation.members).filter(([user]) => user !== myId);
  if (others.length === 0) return 'read';
  if (others.every(([, member]) => member.read >= seq)) return 'read';
  if (others.every(([, member]) => member.received >= seq)) return 'delivered';
  return 'sent';
}

function applyInOrder(conversation, message, myId) {
  const isNew = message.rev === message.seq;
  const next = { ...conversation, head: message.rev };
  if (conversation.loaded) next.messages = upsert(conversation.messages, message);
  if (isNewer(message, conversation.lastMessage) || message.seq === conversation.lastMessage?.seq) {
    next.lastMessage = message;
  }
  const counts = isNew && message.sender !== myId && message.seq > readPosition(conversation, myId);
  if (message.rev > conversation.countedHead) {
    next.countedHead = message.rev;
    if (counts) next.unread = conversation.unread + 1;
  }
  return next;
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

/** Keeps `messages` in the order of `seq`. Nearly always the message is the newest. */
function upsert(messages, message) {
  const last = messages.at(-1);
  if (!last || last.seq < message.seq) return [...messages, message];
  const index = messages.findIndex((each) => each.seq >= message.seq);
  if (messages[index].seq === message.seq) return messages.with(index, message);
  // Older than everything loaded: it belongs to a page that was not asked for yet.
  if (index === 0) return messages;
  return messages.toSpliced(index, 0, message);
}

function isNewer(message, than) {
  return Boolean(message) && message.seq > (than?.seq ?? 0);
}

function membersOf(summary) {
  return Object.fromEntries(summary.members.map(({ user, received, read }) => [user, { received, read }]));
}

function mergeMembers(known, heard) {
  const merged = { ...known };
  for (const [user, { received, read }] of Object.entries(heard)) {
    merged[user] = {
      received: Math.max(received, known[user]?.received ?? 0),
      read: Math.max(read, known[user]?.read ?? 0),
    };
  }
  return merged;
}
