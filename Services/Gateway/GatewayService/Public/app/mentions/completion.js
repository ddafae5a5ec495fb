// Completes the names of a group's members behind an `@`.
import { completeIn, marked } from '../completion/completion.js';
import { endsInCode } from '../completion/code.js';
import { fit, folded, matches } from '../names.js';
import { avatar } from '../view/avatar.js';
import { element } from '../view/dom.js';
import { Members } from './members.js';

// As the server reads a text: no letter, digit, slash or @ before it. People are found by any part of their names, too.
const begun = /(?<![A-Za-z0-9/@])@([\p{L}\p{N}._-]{0,32})$/u;
const everybody = { username: 'all', displayName: 'Everybody in the group' };

/** Completes names in `field` from now on; `store` is that of the tab, `id` the group. */
export function completeMentions(field, store, id) {
  const members = new Members(store, id);
  return completeIn(field, {
    name: 'mention',
    label: 'People to mention',
    placeBefore(text, caret) {
      const match = begun.exec(text.slice(0, caret));
      return match && !endsInCode(text.slice(0, match.index)) ? { from: match.index, name: match[1] } : null;
    },
    async find({ name }, most) {
      const all = await members.all();
      const mayCallAll = store.state.conversations[id]?.group?.role !== 'member';
      return matching(mayCallAll ? [...all, everybody] : all, folded(name)).slice(0, most);
    },
    option: (user, { name }) => ({
      label: `${user.displayName}, @${user.username}`,
      content: [
        user.id ? avatar(user) : element('span', { class: 'emoji', 'aria-hidden': 'true' }, '@'),
        element('span', { class: 'name', dir: 'auto' },
          ...marked(user.displayName, name.length, placeOf(name, user.displayName))),
        element('span', { class: 'handle' }, `@${user.username}`),
      ],
    }),
    choose: ({ username }) => `@${username}`,
  });
}

/** Those whose names have a text in them: whose username it is first, then those whose names begin with it. */
function matching(users, text) {
  return users.filter((user) => matches(user, [text]))
    .map((user) => [folded(user.username) === text ? 3 : fit(user, [text]), user])
    .sort(([one, first], [other, second]) => other - one || first.displayName.localeCompare(second.displayName))
    .map(([, user]) => user);
}

/** Where what was typed stands in a name; -1 for nowhere, and where accents or width make the places uncertain. */
function placeOf(typed, name) {
  const plain = folded(name);
  return typed && plain.length === name.length ? plain.indexOf(folded(typed)) : -1;
}
