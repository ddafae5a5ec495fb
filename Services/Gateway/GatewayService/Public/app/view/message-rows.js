// What the list of messages shows: days, the divider before what is new, messages, and what waits in the outbox.
import { progressOf } from '../conversation.js';
import { dayKey, dayName } from '../format.js';
import { concerns, isSend, waitingWithPending, withPending } from '../pending.js';
import { progressOfWaiting } from '../state.js';

/**
 * The rows of one conversation, in their order; `waiting` is what the outbox holds of it, `confirming` the key of the message
 * that somebody is about to delete.
 */
export function rowsOf(state, conversation, waiting, confirming) {
  const shown = [];
  const changes = waiting.filter((item) => !isSend(item));
  let day = null;
  let before = null;
  let divided = state.divider?.conversation !== conversation.id;
  const startDay = (moment) => {
    const key = dayKey(moment);
    if (key === day) return;
    day = key;
    before = null;
    const name = dayName(moment);
    shown.push({ kind: 'day', key: `day-${key}`, version: name, name });
  };
  for (const message of conversation.messages) {
    startDay(message.sentAt);
    const mine = message.sender === state.me.id;
    if (!divided && !mine && !message.deleted && message.seq > state.divider.after) {
      divided = true;
      before = null;
      shown.push({ kind: 'divider', key: 'divider', version: '', count: state.divider.count });
    }
    const first = before !== message.sender;
    before = message.sender;
    const own = changes.length > 0 ? changes.filter((item) => concerns(item, message)) : changes;
    shown.push(rowOfMessage(state, conversation, message, { mine, first, changes: own, confirming }));
  }
  for (const item of waiting) {
    const written = isSend(item) && waitingWithPending(item, changes);
    if (!written) continue;
    startDay(item.writtenAt);
    const first = before !== state.me.id;
    before = state.me.id;
    shown.push(rowOfWaiting(state, written, { first, confirming }));
  }
  return shown;
}

/** How somebody is called in this tab. */
export function nameIn(state, userId) {
  return userId === state.me.id ? 'You' : state.users[userId]?.displayName ?? 'Somebody';
}

function rowOfMessage(state, conversation, message, { mine, first, changes, confirming }) {
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
    at: message.sentAt,
    edited: now.edited?.at ?? null,
    deleted: Boolean(now.deleted),
    quote: quoteIn(state, now.replyTo),
    reactions: (now.reactions ?? []).map(({ emoji, users }) => ({
      emoji, names: users.map((user) => nameIn(state, user)), mine: users.includes(state.me.id),
    })),
    mine,
    first,
    author: nameIn(state, message.sender),
    progress,
    changing: changes.some(({ kind, refusal }) => kind !== 'react' && !refusal),
    refused,
    confirming: isConfirming,
  };
  // Nearly every message is plain: its number and its progress say everything about how it looks.
  return { ...row, version: isPlain(row) ? `${row.rev} ${progress} ${first} ${mine ? '' : row.author}` : JSON.stringify(row) };
}

function rowOfWaiting(state, item, { first, confirming }) {
  const progress = progressOfWaiting(item);
  const key = item.clientMessageId + state.me.id;
  return {
    kind: 'message',
    key,
    version: `outbox ${progress} ${first} ${item.status} ${item.retryAt} ${confirming === key} ${item.text}`,
    text: item.text,
    at: item.writtenAt,
    edited: null,
    deleted: false,
    quote: quoteIn(state, item.replyTo),
    reactions: [],
    mine: true,
    first,
    author: 'You',
    progress,
    refused: [],
    refusal: item.refusal,
    status: item.status,
    retryAt: item.retryAt,
    waitingId: item.clientMessageId,
    confirming: confirming === key,
  };
}

function quoteIn(state, replyTo) {
  return replyTo ? { seq: replyTo.seq, name: nameIn(state, replyTo.sender), text: replyTo.text } : null;
}

function isPlain({ deleted, quote, reactions, changing, refused, confirming }) {
  return !deleted && !quote && reactions.length === 0 && !changing && refused.length === 0 && !confirming;
}
