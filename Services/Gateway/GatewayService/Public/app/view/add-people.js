// The dialog in which people are added to a group.
import { groupApi } from '../group-api.js';
import { openDialog } from './dialog.js';
import { element } from './dom.js';
import { PeopleChooser } from './people-chooser.js';

/** Opens it for the group with this id; `present` are the ids of its members. */
export function openAddPeople(store, id, present) {
  const error = element('p', { class: 'field-error', role: 'alert', hidden: true });
  const add = element('button', { class: 'button primary', type: 'button', disabled: true, onclick: () => submit() }, 'Add');
  const chooser = new PeopleChooser({
    isOffered: (user) => !present.has(user.id),
    onChanged: () => { add.disabled = chooser.chosen.size === 0; },
  });
  const submit = async () => {
    error.hidden = true;
    add.disabled = true;
    try {
      const { users, line } = await groupApi.add(id, [...chooser.chosen.values()].map(({ username }) => username));
      store.dispatch({ type: 'users-learned', users });
      if (line) store.dispatch({ type: 'message-arrived', message: line });
      close();
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
      add.disabled = false;
    }
  };
  const close = openDialog({
    title: 'Add people', name: 'add-people', body: [error, chooser.element],
    foot: [element('button', { class: 'button quiet', type: 'button', onclick: () => close() }, 'Cancel'), add],
    onClosed: () => chooser.stop(),
  });
}
