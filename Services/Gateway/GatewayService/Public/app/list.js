// What the list of conversations shows, as a pure function of the state.
import { progressOf } from './conversation.js';
import { lookAlikes, matches, wordsOf } from './names.js';
import { concerns, isSend, waitingWithPending, withPending } from './pending.js';
import { wordsOfLine } from './group-words.js';
import { conversationsInOrder, foldedWords, hasBlocked, isMuted, nameIn, partner, pathTo, progressOfWaiting, settingsIn, shelf } from './selectors.js';
import { plainText } from './words.js';

const previewLength = 140;

/** The conversations that are listed: those that a search names, or those of the filter and the one that is open. */
export function listedConversations(state) {
  const all = conversationsInOrder(state);
  const words = wordsOf(state.list.text);
  if (words.length > 0) return all.filter((each) => matches(partner(state, each), words));
  return all.filter((each) => each.id === state.selected || isListed(state, each, state.list.show));
}

const filters = { all: () => true, unread: ({ unread }) => unread > 0, mentions: ({ mentions }) => mentions.length > 0 };

/** Whether a conversation is in the list, as far as `show` goes: "all", "unread", "mentions", "archived" or "requests". */
function isListed(state, conversation, show) {
  return filters[show] ? filters[show](conversation) && !shelf(state, conversation) : shelf(state, conversation) === show;
}

/** How many conversations a filter leaves in the list. */
export function listCount(state, show) {
  return Object.values(state.conversations).filter((each) => isListed(state, each, show)).length;
}

/** The people whom a search found and who are not listed as a conversation already. */
export function peopleBeside(state, conversations) {
  const listed = new Set(conversations.map((each) => partner(state, each).id));
  return state.people.search.users.filter(({ id }) => id !== state.me.id && !listed.has(id));
}

/** One conversation as the list shows it. */
export function listItem(state, conversation) {
  const other = partner(state, conversation);
  const { id: userId, username, displayName, isGroup } = other;
  return {
    id: conversation.id,
    userId,
    username,
    displayName,
    isGroup,
    path: pathTo(other),
    handle: lookAlikes(state.users).has(userId),
    ...previewOf(state, conversation),
    unread: conversation.unread,
    mentioned: conversation.mentions.length > 0,
    pinned: Boolean(settingsIn(state, conversation).pinnedAt),
    muted: isMuted(state, conversation),
    current: state.selected === conversation.id,
  };
}

/**
 * What is said about a conversation, the first of: that somebody is writing, a message that was not sent, a draft, the last
 * message. `label` is "typing", "failed", "draft", "you", "by" (somebody of a group) or null, `progress` how far a message of one's own came.
 */
function previewOf(state, conversation) {
  const items = state.outbox.filter((item) => item.conversation === conversation.id);
  const sends = items.filter((item) => isSend(item) && !item.stored);
  const last = conversation.lastMessage && withPending(conversation.lastMessage,
    items.filter((item) => concerns(item, conversation.lastMessage)), state.me.id);
  const at = last?.sentAt ?? conversation.createdAt;
  if (state.typing[conversation.id]) return { at, label: 'typing', preview: '', progress: null };
  const refused = sends.findLast((item) => item.refusal);
  if (refused) return { at: refused.writtenAt, label: 'failed', preview: brief(refused.text), progress: 'failed' };
  const draft = conversation.id === state.selected ? '' : state.drafts[conversation.id];
  if (draft) return { at, label: 'draft', preview: brief(draft), progress: null };
  const waiting = sends.map((item) => waitingWithPending(item, items)).findLast(Boolean);
  if (waiting) {
    return { at: waiting.writtenAt, label: 'you', preview: brief(waiting.text), progress: progressOfWaiting(waiting) };
  }
  if (!last) return { at, label: null, preview: 'No messages yet', progress: null };
  if (last.line) return { at, label: null, preview: wordsOfLine(last, (user) => nameIn(state, user)), progress: null };
  if (conversation.group && hasBlocked(state, last.sender)) return { at, label: null, preview: foldedWords, progress: null };
  const mine = last.sender === state.me.id;
  return {
    at,
    label: mine ? 'you' : conversation.group ? 'by' : null,
    by: nameIn(state, last.sender),
    preview: last.deleted ? 'Message deleted' : brief(plainText(last)),
    progress: mine && !last.deleted ? progressOf(conversation, last.seq, state.me.id) : null,
  };
}

const brief = (text) => text.slice(0, previewLength).replace(/\s+/gu, ' ');

/** The conversation beside the open one in the list, or the next one with something unread; undefined if there is none. */
export function neighbour(state, by, unread) {
  const all = listedConversations(state);
  const from = all.findIndex((each) => each.id === state.selected);
  if (!unread) return from < 0 ? all.at(by > 0 ? 0 : -1) : all[from + by];
  const before = all.slice(0, Math.max(from, 0));
  const behind = all.slice(from + 1);
  const inOrder = by > 0 ? [...behind, ...before] : [...before.toReversed(), ...behind.toReversed()];
  return inOrder.find((each) => each.unread > 0);
}
