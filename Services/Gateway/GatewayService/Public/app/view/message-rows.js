// What the list of messages shows: days, the divider before what is new, messages, and what waits in the outbox.
import { progressOf } from '../conversation.js';
import { dayKey, dayName } from '../format.js';
import { progressOfWaiting } from '../state.js';

/** The rows of one conversation, in their order; `waiting` is what the outbox holds of it. */
export function rowsOf(state, conversation, waiting) {
  const shown = [];
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
    if (!divided && !mine && message.seq > state.divider.after) {
      divided = true;
      before = null;
      shown.push({ kind: 'divider', key: 'divider', version: '', count: state.divider.count });
    }
    const progress = mine ? progressOf(conversation, message.seq, state.me.id) : null;
    const first = before !== message.sender;
    before = message.sender;
    shown.push({
      kind: 'message',
      key: message.clientMessageId + message.sender,
      version: `${message.rev} ${progress} ${first} ${mine ? '' : state.users[message.sender]?.displayName}`,
      id: `m${message.seq}`,
      seq: message.seq,
      text: message.text,
      at: message.sentAt,
      mine,
      first,
      author: mine ? 'You' : state.users[message.sender]?.displayName ?? '',
      progress,
    });
  }
  for (const item of waiting) {
    startDay(item.writtenAt);
    const first = before !== state.me.id;
    before = state.me.id;
    const progress = progressOfWaiting(item);
    shown.push({
      kind: 'message',
      key: item.clientMessageId + state.me.id,
      version: `outbox ${progress} ${first} ${item.status} ${item.retryAt}`,
      text: item.text,
      at: item.writtenAt,
      mine: true,
      first,
      author: 'You',
      progress,
      refusal: item.refusal,
      status: item.status,
      retryAt: item.retryAt,
      clientMessageId: item.clientMessageId,
    });
  }
  return shown;
}
