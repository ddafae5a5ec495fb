// What the list of messages shows: days, the divider before what is new, messages, and what waits in the outbox.
import { newestRead, progressOf } from '../conversation.js';
import { dayKey, dayName, emojiCount } from '../format.js';
import { mentions } from '../messages.js';
import { concerns, isSend, waitingWithPending, withPending } from '../pending.js';
import { runsOf } from '../runs.js';
import { wordsOfLine } from '../group-words.js';
import { closedBy, foldedWords, hasBlocked, nameIn, progressOfWaiting } from '../selectors.js';

/**
 * The rows of one conversation, in their order; `waiting` is what the outbox holds of it, `confirming` the key of the message
 * that somebody is about to delete. `part` says which of the messages are shown, `{ from, to }`; what waits comes after the
 * last one.
 */
export function rowsOf(state, conversation, waiting, confirming, { from, to }) {
  const { messages, hasNewer } = conversation;
  const changes = waiting.filter((item) => !isSend(item));
  const rows = [];
  // One more at both ends, because runs reach beyond what is shown.
  for (const message of messages.slice(Math.max(0, from - 1), to + 1)) {
    const own = changes.length > 0 ? changes.filter((item) => concerns(item, message)) : changes;
    rows.push(rowOfMessage(state, conversation, message, { changes: own, confirming }));
  }
  if (to === messages.length && !hasNewer) {
    for (const item of waiting) {
      const written = isSend(item) && waitingWithPending(item, changes);
      if (written) rows.push(rowOfWaiting(state, written, confirming));
    }
  }
  return withLines(rows, {
    isClosed: closedBy(state, conversation) !== null,
    first: from > 0 ? 1 : 0,
    end: rows.length - (to < messages.length ? 1 : 0),
    divider: dividerIn(state, conversation),
    worded: newestRead(conversation, state.me.id),
  });
}

/** Puts days and the divider between the rows from `first` to `end`, and says how each row looks beside the others. */
function withLines(rows, { isClosed, first, end, divider, worded }) {
  const days = rows.map(({ at }) => dayKey(at));
  const startsDay = (index) => index === 0 || days[index] !== days[index - 1];
  const isDivided = ({ seq }) => seq !== undefined && seq === divider?.before;
  const isLine = (row) => row?.kind === 'line';
  const runs = runsOf(rows.map((row, index) => ({
    sender: row.sender, at: Date.parse(row.at), progress: row.progress,
    starts: startsDay(index) || isDivided(row) || isLine(row) || isLine(rows[index - 1]),
  })));
  return rows.slice(first, end).flatMap((row, place) => {
    const index = first + place;
    return [
      (place === 0 || startsDay(index)) && dayRow(row, days[index]),
      isDivided(row) && { kind: 'divider', key: 'divider', version: '', count: divider.count },
      { ...row, isClosed, ...runs[index], ...(worded && row.seq === worded.seq && wordedWith(row, worded)) },
    ].filter(Boolean);
  });
}

/** What the newest message that was read has beside the others: its word says when. */
function wordedWith({ version }, { at }) {
  return { worded: true, readAt: at, version: `${version} ${at}` };
}

function dayRow({ at }, day) {
  const name = dayName(at);
  return { kind: 'day', key: `day-${day}`, version: name, name };
}

/** The line before what is new: before which message it stands, and its number. */
function dividerIn({ divider, me }, { id, messages }) {
  if (divider?.conversation !== id) return null;
  const first = messages.find(({ seq, sender, deleted, line }) => seq > divider.after && sender !== me.id && !deleted && !line);
  return first ? { before: first.seq, count: divider.count } : null;
}

function rowOfLine(state, message) {
  const words = wordsOfLine(message, (user) => nameIn(state, user));
  return {
    kind: 'line', key: `line-${message.seq}`, id: `m${message.seq}`, seq: message.seq, rev: message.rev, at: message.sentAt,
    sender: message.sender, progress: null, version: words, words,
  };
}

function rowOfMessage(state, conversation, message, { changes, confirming }) {
  if (message.line) return rowOfLine(state, message);
  const mine = message.sender === state.me.id;
  const now = changes.length > 0 ? withPending(message, changes, state.me.id) : message;
  const progress = mine ? progressOf(conversation, message.seq, state.me.id) : null;
  const key = message.clientMessageId + message.sender;
  const refused = changes.filter(({ refusal }) => refusal);
  const isConfirming = confirming === key && !now.deleted;
  const row = {
    kind: 'message',
    key,
    id: `m${message.seq}`,
    seq: message.seq,
    rev: message.rev,
    sender: message.sender,
    isSystem: message.kind === 'system',
    text: now.text,
    formatted: now.formatted,
    me: state.me.id,
    mentionsMe: mentions(now, state.me.id),
    at: message.sentAt,
    edited: now.edited?.at ?? null,
    deleted: Boolean(now.deleted),
    quote: quoteIn(state, now.replyTo, Boolean(conversation.group)),
    reactions: (now.reactions ?? []).map(({ emoji, users }) => ({
      emoji, names: users.map((user) => nameIn(state, user)), mine: users.includes(state.me.id),
    })),
    mine,
    emoji: now.deleted || now.replyTo ? 0 : emojiCount(now.text),
    author: nameIn(state, message.sender),
    isFaced: Boolean(conversation.group) && !mine,
    folded: Boolean(conversation.group) && hasBlocked(state, message.sender),
    name: state.users[message.sender]?.displayName ?? '?',
    progress,
    changing: changes.some(({ kind, refusal }) => kind !== 'react' && !refusal),
    refused,
    confirming: isConfirming,
  };
  // Nearly every message is plain: its number and its progress say everything about what it holds.
  return { ...row, version: isPlain(row) ? `${row.rev} ${progress} ${mine ? '' : row.author}` : JSON.stringify(row) };
}

function rowOfWaiting(state, item, confirming) {
  const progress = progressOfWaiting(item);
  const key = item.clientMessageId + state.me.id;
  return {
    kind: 'message',
    key,
    version: `outbox ${progress} ${item.status} ${item.retryAt} ${confirming === key} ${item.text}`,
    text: item.text,
    at: item.writtenAt,
    edited: null,
    deleted: false,
    quote: quoteIn(state, item.replyTo),
    reactions: [],
    mine: true,
    sender: state.me.id,
    emoji: item.replyTo || item.refusal ? 0 : emojiCount(item.text),
    author: 'You',
    name: state.me.displayName,
    progress,
    refused: [],
    refusal: item.refusal,
    status: item.status,
    retryAt: item.retryAt,
    waitingId: item.clientMessageId,
    confirming: confirming === key,
  };
}

function quoteIn(state, replyTo, isInGroup) {
  if (!replyTo) return null;
  const { seq, sender, text } = replyTo;
  return { seq, name: nameIn(state, sender), text: text && isInGroup && hasBlocked(state, sender) ? foldedWords : text };
}

function isPlain({ deleted, folded, quote, reactions, changing, refused, confirming }) {
  return !deleted && !folded && !quote && reactions.length === 0 && !changing && refused.length === 0 && !confirming;
}
