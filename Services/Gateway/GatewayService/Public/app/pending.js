// What waits in the outbox, shown as if it had happened. Pure.
//
// An item is a message to send (`kind` absent or "send"), or a change of a message: "edit" with `text` and `rev`, the
// number with which the text came that it replaces; "delete"; "react" with `emoji` and `wanted`. A change names its message
// by `seq`, or by `of`, the client message id of one that waits itself. Or an item is about this user alone: "settings", with the
// `choice` made for the conversation and the `version` of the settings that were known then, or "leave" of a group.
import { textRev } from './messages.js';

/** Whether an item is a message to send. */
export const isSend = (item) => !item.kind || item.kind === 'send';

/** Whether an item changes what this user has chosen for the conversation. */
export const isSettings = (item) => item.kind === 'settings';

/** Whether an item is about this user alone. */
export const isOwn = (item) => isSettings(item) || item.kind === 'leave';

/** Whether this user is about to leave a group. */
export const isLeaving = ({ outbox }, id) => outbox.some((item) => item.kind === 'leave' && item.conversation === id && !item.refusal);

/** Whether an item changes the message with this number, or the one that waits with this id. */
export function concerns(item, { seq, clientMessageId }) {
  if (isSend(item) || isOwn(item)) return false;
  return (item.seq && item.seq === seq) || (Boolean(item.of) && item.of === clientMessageId);
}

/** A message as it will be once `items` are done; refused ones are not. */
export function withPending(message, items, myId) {
  let next = message;
  for (const item of items) {
    if (item.refusal || isSend(item) || next.deleted) continue;
    if (item.kind === 'edit') next = { ...next, text: item.text, formatted: undefined, edited: { at: item.writtenAt, rev: item.rev } };
    if (item.kind === 'delete') next = tombstone(next);
    if (item.kind === 'react') next = { ...next, reactions: withReaction(next.reactions ?? [], item, myId) };
  }
  return next;
}

/** A message that waits to be sent, as it will be; null if it will be deleted. */
export function waitingWithPending(item, items) {
  const changes = items.filter((each) => concerns(each, item) && !each.refusal);
  if (changes.some(({ kind }) => kind === 'delete')) return null;
  return { ...item, text: changes.findLast(({ kind }) => kind === 'edit')?.text ?? item.text };
}

/** Whether `userId` has reacted to a message with an emoji. */
export function hasReacted(message, emoji, userId) {
  return (message.reactions ?? []).some((each) => each.emoji === emoji && each.users.includes(userId));
}

/**
 * What the answer to `item` means for those behind it: an edit of the same text and a choice for the same conversation now
 * replace this one, and a change of a message that was only just sent learns its number. Answers the changed ones.
 */
export function rebased(items, item, message) {
  if (isSettings(item)) {
    const version = message.settings?.version ?? item.version;
    return items.filter((each) => isSettings(each) && each.conversation === item.conversation
      && each.clientMessageId !== item.clientMessageId).map((each) => ({ ...each, version }));
  }
  return items.filter((each) => !each.refusal && each.clientMessageId !== item.clientMessageId).flatMap((each) => {
    if (isSend(item) && each.of === item.clientMessageId && !each.seq) {
      return [{ ...each, seq: message.seq, rev: textRev(message) }];
    }
    if (item.kind === 'edit' && each.kind === 'edit' && each.seq === item.seq && !message.deleted) {
      return [{ ...each, rev: textRev(message) }];
    }
    return [];
  });
}

/**
 * What becomes of items when `item` is refused for good, with `refusal` in words: `{ kept, dropped }`, changed items and
 * the ids of those that mean nothing any more. What was typed last is never dropped.
 */
export function afterRefusal(items, item, refusal) {
  const { clientMessageId } = item;
  if (isOwn(item)) return { kept: [], dropped: [clientMessageId] };
  if (isSend(item)) {
    const changes = items.filter((each) => each.of === clientMessageId && !each.seq);
    const ids = changes.map((each) => each.clientMessageId);
    if (changes.some(({ kind }) => kind === 'delete')) return { kept: [], dropped: [clientMessageId, ...ids] };
    return { kept: [{ ...waitingWithPending(item, changes), refusal }], dropped: ids };
  }
  const isOutdone = item.kind === 'edit' && items.some((each) => each.kind === 'edit' && each.seq === item.seq
    && each.order > item.order && !each.refusal);
  return isOutdone ? { kept: [], dropped: [clientMessageId] } : { kept: [{ ...item, refusal }], dropped: [] };
}

function withReaction(reactions, { emoji, wanted }, myId) {
  const known = reactions.find((each) => each.emoji === emoji);
  if (wanted) {
    if (!known) return [...reactions, { emoji, users: [myId] }];
    if (known.users.includes(myId)) return reactions;
    return reactions.map((each) => (each === known ? { emoji, users: [...known.users, myId] } : each));
  }
  return reactions
    .map((each) => (each === known ? { emoji, users: each.users.filter((user) => user !== myId) } : each))
    .filter(({ users }) => users.length > 0);
}

function tombstone({ formatted, edited, replyTo, reactions, ...rest }) {
  return { ...rest, text: '', deleted: true };
}

/** What of the outbox is not shown as a stored message yet. */
export function unsettled({ outbox, conversations, me }) {
  return outbox.filter((item) => {
    const conversation = isSend(item) && conversations[item.conversation];
    if (!conversation) return true;
    if (conversation.lastMessage && isCopy(conversation.lastMessage, item, me.id)) return false;
    // What is being looked for is among the newest.
    return !conversation.messages.slice(-200).some((message) => isCopy(message, item, me.id));
  });
}

function isCopy(message, item, myId) {
  return message.sender === myId && message.clientMessageId === item.clientMessageId;
}
