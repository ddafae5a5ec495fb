// Asks who people are whom a message of a group names and this tab does not know.
import { api } from './api.js';

// Many tabs hear of the same message.
const soonest = 100;
const latest = 1_500;

/** Looks them up from now on. */
export function lookStrangersUp(store) {
  let timer = null;
  const look = async () => {
    const { strangers } = store.state;
    store.dispatch({ type: 'strangers-looked-up' });
    for (const [conversation, seq] of Object.entries(strangers)) {
      try {
        // The answer names everybody whom the messages name.
        const { users } = await api.history(conversation, { after: seq - 1, limit: 20 });
        store.dispatch({ type: 'users-learned', users });
      } catch {
        // The next message of theirs asks again.
      }
    }
    timer = null;
  };
  store.subscribe(({ strangers }) => {
    if (Object.keys(strangers).length > 0) timer ??= setTimeout(look, soonest + Math.random() * (latest - soonest));
  });
}
