// What people are told of, as pure functions of states and settings.
import { readPosition } from './unread.js';

/** The ids of the conversations in which `event` brought an unread message of somebody else that is newer than the last one. */
export function arrivals(after, before, event) {
  // What the list brings was there before the page.
  if (!before.listed || after.conversations === before.conversations || event.type === 'conversations-listed') return [];
  return Object.values(after.conversations).filter((each) => {
    const known = before.conversations[each.id];
    if (known === each || (!known && event.type !== 'sync-answered')) return false;
    return isNews(each, known?.lastMessage?.seq ?? 0, after.me.id);
  }).map(({ id }) => id);
}

/** Whether the last message of a conversation is somebody else's, unread, and has a higher number than `than`. */
export function isNews(conversation, than, myId) {
  const { lastMessage: last } = conversation;
  return Boolean(last) && last.sender !== myId && !last.deleted && !last.line && last.seq > than && last.seq > readPosition(conversation, myId);
}
