// What notifications say, as a pure function of the state.
import { partner, pathTo } from '../selectors.js';
import { plainText } from '../words.js';

const mostText = 200;
// More at once are one notification.
const mostAtOnce = 3;

/** The tag of a conversation's notification; there is at most one of each. */
export const tagOf = (conversation) => `martlet-${conversation}`;

/**
 * The notifications about what is new in some conversations, each `{ id, message }` with the message to tell of: one for each,
 * or a single one if they are many, or if several were caught up with after the page had been away. Each is `{ tag, title, body, path, conversations }`.
 */
export function wordNotices(state, news, { showsText, isCaughtUp }) {
  if (news.length > (isCaughtUp ? 1 : mostAtOnce)) return [summary(state, news.map(({ id }) => id))];
  return news.map(({ id, message }) => single(state, state.conversations[id], message, showsText));
}

function single(state, conversation, message, showsText) {
  const other = partner(state, conversation);
  const { displayName, isGroup } = other;
  const { id, unread } = conversation;
  const title = unread > 1 ? `${displayName} (${unread})` : displayName;
  const by = isGroup ? `${state.users[message.sender]?.displayName ?? 'Somebody'}: ` : '';
  const body = message.isCall ? 'You are mentioned'
    : showsText ? by + brief(plainText(message)) : unread > 1 ? `${unread} new messages` : 'New message';
  return { tag: tagOf(id), title, body, path: pathTo(other), conversations: [id] };
}

function summary(state, ids) {
  const all = ids.map((id) => state.conversations[id])
    .sort((one, other) => (one.lastMessage.sentAt < other.lastMessage.sentAt ? 1 : -1));
  const unread = all.reduce((total, each) => total + each.unread, 0);
  const names = all.map((each) => partner(state, each).displayName);
  return {
    tag: tagOf('all'), title: `${unread} new messages`, body: `From ${listed(names)}`, path: '/chatwith', conversations: ids,
  };
}

/** "Ada and Grace", or "Ada, Grace and 3 others". */
function listed(names) {
  const rest = names.length - 2;
  if (rest <= 0) return names.join(' and ');
  return `${names.slice(0, 2).join(', ')} and ${rest === 1 ? '1 other' : `${rest} others`}`;
}

function brief(text) {
  const whole = [...text.trim()];
  return whole.length > mostText ? `${whole.slice(0, mostText).join('')}…` : whole.join('');
}
