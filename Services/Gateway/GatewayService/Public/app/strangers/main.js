// Asks who people are whom messages of a group name and this tab does not know. Loaded when the page has come to rest.
import { api } from '../api.js';

// Many tabs hear of the same message.
const soonest = 100;
const latest = 1_500;

/** Looks them up from now on. */
export function lookStrangersUp(store) {
  const seen = new Map();
  // Nobody is asked for twice: whoever an answer does not name has no name.
  const asked = new Set();
  let wanted = [];
  let timer = null;

  const look = async () => {
    const places = wanted;
    wanted = [];
    for (const { id, seq, users } of places) {
      try {
        // The answer names everybody whom the messages name.
        const page = await api.history(id, { after: seq - 1, limit: 50 });
        store.dispatch({ type: 'users-learned', users: page.users });
      } catch {
        // Again with the next change of anything.
        users.forEach((user) => asked.delete(user));
        seen.delete(id);
      }
    }
    timer = null;
  };

  const consider = ({ conversations, users: known }) => {
    for (const conversation of Object.values(conversations)) {
      const { id, group, messages, lastMessage } = conversation;
      if (!group || seen.get(id) === conversation) continue;
      seen.set(id, conversation);
      const isStrange = (user) => !known[user] && !asked.has(user);
      const shown = lastMessage ? [...messages, lastMessage] : messages;
      const first = shown.find((message) => named(message).some(isStrange));
      if (!first) continue;
      const users = [...new Set(shown.flatMap(named).filter(isStrange))];
      users.forEach((user) => asked.add(user));
      wanted.push({ id, seq: first.seq, users });
    }
    if (wanted.length > 0) timer ??= setTimeout(look, soonest + Math.random() * (latest - soonest));
  };

  store.subscribe(consider);
  consider(store.state);
}

function named({ sender, replyTo, line, reactions = [] }) {
  return [sender, replyTo?.sender, ...(line?.users ?? []), ...reactions.flatMap((each) => each.users)].filter(Boolean);
}
