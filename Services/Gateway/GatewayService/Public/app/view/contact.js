// The dialog about a person: what they say about themselves, and the groups that this user has in common with them.
import { memberCount } from '../group-words.js';
import { groupApi } from '../group-api.js';
import { partner, pathTo } from '../selectors.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { element } from './dom.js';

/** Opens it for the other person of the direct conversation with this id. */
export async function openContact(store, id) {
  const person = partner(store.state, store.state.conversations[id]);
  const heading = element('h3', {}, 'Groups in common');
  const words = element('p', { class: 'help', role: 'status' }, 'Asking…');
  const list = element('ul', { class: 'list', 'aria-label': 'Groups in common' });
  const close = openDialog({
    title: 'Contact info', name: 'group-info', body: [
      element('div', { class: 'group-summary' }, avatar(person),
        element('div', {}, element('h3', { dir: 'auto' }, person.displayName), element('p', {}, `@${person.username}`)),
        ...(person.about ? [element('p', { class: 'group-about', dir: 'auto' }, person.about)] : [])),
      heading, words, element('div', { class: 'chooser-list' }, list)],
  });
  try {
    const { groups } = await groupApi.shared(person.username);
    words.textContent = groups.length === 0 ? 'You are in no group together.' : '';
    list.replaceChildren(...groups.map((group) => element('li', {}, element('a', {
      class: 'item', href: pathTo({ id: group.conversation, isGroup: true }), onclick: () => queueMicrotask(close),
    }, avatar({ id: group.conversation, displayName: group.name, isGroup: true }),
    element('span', { class: 'item-body' },
      element('span', { class: 'item-name', dir: 'auto' }, group.name),
      element('span', { class: 'item-preview' }, memberCount(group.memberCount)))))));
  } catch (problem) {
    words.textContent = problem.message;
  }
}
