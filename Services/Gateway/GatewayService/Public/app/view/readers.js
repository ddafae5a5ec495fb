// The dialog that says who has read a message of this user in a group.
import { groupApi } from '../group-api.js';
import { pathTo } from '../selectors.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { element } from './dom.js';

/** Opens it for a message of the conversation with this id. */
export async function openReaders(store, id, seq) {
  const words = element('p', { class: 'help', role: 'status' }, 'Asking…');
  const list = element('ul', { class: 'list', 'aria-label': 'Readers' });
  const close = openDialog({
    title: 'Read by', name: 'readers-dialog', body: [words, element('div', { class: 'chooser-list' }, list)],
  });
  try {
    const { readers, unread, users } = await groupApi.readers(id, seq);
    store.dispatch({ type: 'users-learned', users });
    words.textContent = told(readers.length, unread);
    const accounts = readers.map(({ user }) => users[user]).filter(Boolean);
    accounts.sort((one, other) => one.displayName.localeCompare(other.displayName));
    list.replaceChildren(...accounts.map((account) => element('li', { class: 'item member' }, avatar(account),
      element('span', { class: 'item-body' },
        element('a', { class: 'item-name', dir: 'auto', href: pathTo(account), onclick: () => queueMicrotask(close) }, account.displayName),
        element('span', { class: 'item-preview' }, `@${account.username}`)))));
  } catch (problem) {
    words.textContent = problem.message;
  }
}

function told(read, unread) {
  const others = unread === 1 ? '1 has not read it yet' : `${unread} have not read it yet`;
  if (read === 0) return 'Nobody has read it yet.';
  return unread === 0 ? 'Everybody has read it.' : `${read} of ${read + unread} have read it. ${others}.`;
}
