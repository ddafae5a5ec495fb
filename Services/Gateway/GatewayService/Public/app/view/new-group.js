// The dialog in which a group is made: its name, the people in it, and what new members see.
import { groupApi } from '../group-api.js';
import { randomId } from '../outbox.js';
import { openDialog } from './dialog.js';
import { element } from './dom.js';
import { PeopleChooser } from './people-chooser.js';

const most = 999;

/** Opens it; `goTo(partner)` goes to the group once it is made. */
export function openNewGroup({ store, goTo }) {
  const { me } = store.state;
  // The same for every attempt, so that a group is made once.
  const clientMessageId = randomId();
  const name = element('input', {
    class: 'input', name: 'name', dir: 'auto', required: true, maxlength: 80, autocomplete: 'off', autofocus: true,
    'aria-describedby': 'new-group-error',
  });
  const history = element('input', { type: 'checkbox', name: 'showsHistory' });
  const count = element('span', { class: 'start' });
  const error = element('p', { class: 'field-error', id: 'new-group-error', role: 'alert', hidden: true });
  const create = element('button', { class: 'button primary', type: 'submit', form: 'new-group' }, 'Create group');
  const chooser = new PeopleChooser({
    isOffered: ({ id }) => id !== me.id,
    onChanged: () => { count.textContent = chosenWords(chooser.chosen.size); },
  });
  count.textContent = chosenWords(0);
  const form = element('form', {
    id: 'new-group', class: 'dialog-form', onsubmit: async (event) => {
      event.preventDefault();
      error.hidden = true;
      create.disabled = true;
      try {
        const { conversation, users, group } = await groupApi.create(clientMessageId, {
          name: name.value.trim(), showsHistory: history.checked, usernames: [...chooser.chosen.values()].map((each) => each.username),
        });
        store.dispatch({ type: 'users-learned', users });
        close();
        goTo({ id: conversation, isGroup: true, displayName: group?.name });
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
        create.disabled = false;
        if (problem.field === 'name') name.focus();
      }
    },
  },
  element('label', { class: 'field' }, element('span', { class: 'field-name' }, 'Name of the group'), name), error,
  chooser.element,
  element('label', { class: 'check' }, history,
    element('span', {}, 'New members can read earlier messages', element('span', { class: 'hint' }, 'Otherwise they see the group from when they join'))));
  const close = openDialog({
    title: 'New group', name: 'new-group-dialog', body: [form],
    foot: [count, element('button', { class: 'button quiet', type: 'button', onclick: () => close() }, 'Cancel'), create],
    onClosed: () => chooser.stop(),
  });
}

const chosenWords = (number) => `${number} of up to ${most} chosen`;
