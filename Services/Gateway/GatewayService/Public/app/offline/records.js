// What of a tab's state is kept, in the form in which the server's page hands things over. Pure.
import { conversationsInOrder, partner } from '../selectors.js';

const mostListed = 200;
const mostMessages = 100;

/** The list: `{ me, conversations, users }`. */
export function listOf(state) {
  const shown = conversationsInOrder(state).slice(0, mostListed);
  const people = shown.map((each) => partner(state, each)).filter(({ id }) => state.users[id]);
  return {
    me: state.me,
    conversations: shown.map((each) => summaryOf(each, state.me.id)),
    users: Object.fromEntries([state.me, ...people].map((user) => [user.id, user])),
  };
}

/** The newest messages of a conversation. */
export function pageOf(conversation, at) {
  const { id, head, messages, hasOlder } = conversation;
  return {
    id, at,
    page: { head, messages: messages.slice(-mostMessages), hasOlder: hasOlder || messages.length > mostMessages, hasNewer: false },
  };
}

function summaryOf({ id, members, settings, isRefused, head, unread, lastMessage, createdAt }, myId) {
  return {
    id, head, unread, createdAt, isRefused,
    lastMessage: lastMessage ?? undefined,
    members: Object.entries(members).map(([user, positions]) => ({
      user, ...positions, ...(user === myId && settings && { settings }),
    })),
  };
}
