// Where the switcher can lead, as a pure function of the state and of what is typed into it.
import { fit, matches, wordsOf } from './names.js';
import { conversationsInOrder, partner, settingsIn } from './selectors.js';

const most = 8;

/**
 * Users to choose from, the best first: those of conversations by how well their names fit, then by the last message; then
 * others whom the search has found. Each is `{ user, unread, known }`, `known` meaning that there is a conversation.
 */
export function switcherOptions(state, text) {
  const words = wordsOf(text);
  const known = conversationsInOrder(state)
    .map(({ id, unread }) => ({ id, unread, user: partner(state, state.conversations[id]), known: true }))
    .filter(({ id, user }) => (words.length > 0 ? matches(user, words)
      : id !== state.selected && !settingsIn(state, state.conversations[id]).request));
  const ranked = words.length === 0 ? known.slice(0, most) : known
    .map((option) => ({ option, rank: fit(option.user, words) }))
    .sort((one, other) => other.rank - one.rank)
    .slice(0, most)
    .map(({ option }) => option);
  const ids = new Set(known.map(({ user }) => user.id));
  const found = words.length === 0 ? [] : state.people.switcher.users
    .filter((user) => user.id !== state.me.id && !ids.has(user.id) && matches(user, words))
    .slice(0, most)
    .map((user) => ({ user, unread: 0, known: false }));
  return [...ranked, ...found];
}
