// What of a tab's state is kept, in the form in which the server's page hands things over. Pure.
import { conversationsInOrder, partner } from '../selectors.js';

const mostListed = 200;
const mostMessages = 100;

/** The list: `{ me, conversations, users }`. */
export function listOf(state) {
  const shown = conversationsInOrder(state).slice(0, mostListed);
  const people = shown.flatMap((each) => (each.group ? namedIn(each) : [partner(state, each).id]))
    .map((id) => state.users[id]).filter(Boolean);
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

/** The ids of those whom the messages of a group name. */
function namedIn({ messages, lastMessage }) {
  return [...messages.slice(-mostMessages), lastMessage].filter(Boolean).flatMap(({ sender, replyTo, line, reactions = [] }) =>
    [sender, replyTo?.sender, ...(line?.users ?? []), ...reactions.flatMap((each) => each.users)]);
}

function summaryOf({ id, members, settings, group, isRefused, head, unread, mentions, lastMessage, createdAt }, myId) {
  return {
    id, head, unread, mentions, createdAt, isRefused,
    group: group ?? undefined,
    lastMessage: lastMessage ?? undefined,
    members: Object.entries(members).map(([user, positions]) => ({
      user, ...positions, ...(user === myId && settings && { settings }),
    })),
  };
}
