// The dialog in which a group's name, description and what new members see are changed.
import { groupApi } from '../group-api.js';
import { openDialog } from './dialog.js';
import { element } from './dom.js';

/** Opens it for the group with this id. */
export function openGroupSettings(store, id) {
  const { group } = store.state.conversations[id];
  const name = element('input', {
    class: 'input', dir: 'auto', required: true, maxlength: 80, autocomplete: 'off', autofocus: true, value: group.name,
    'aria-describedby': 'group-settings-error',
  });
  const about = element('textarea', { class: 'textarea', dir: 'auto', rows: 3, maxlength: 500 });
  about.value = group.about ?? '';
  const history = element('input', { type: 'checkbox' });
  history.checked = group.showsHistory;
  const error = element('p', { class: 'field-error', id: 'group-settings-error', role: 'alert', hidden: true });
  const form = element('form', {
    id: 'group-settings', class: 'dialog-form', onsubmit: async (event) => {
      event.preventDefault();
      error.hidden = true;
      try {
        const { group: changed, line } = await groupApi.change(id, { name: name.value.trim(), about: about.value, showsHistory: history.checked });
        if (line) store.dispatch({ type: 'message-arrived', message: line });
        store.dispatch({ type: 'group-changed', conversation: id, group: changed });
        close();
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
      }
    },
  },
  error,
  element('label', { class: 'field' }, element('span', { class: 'field-name' }, 'Name'), name),
  element('label', { class: 'field' }, element('span', { class: 'field-name' }, 'Description'), about),
  element('label', { class: 'check' }, history,
    element('span', {}, 'New members can read earlier messages', element('span', { class: 'hint' }, 'For those who are added from now on'))));
  const close = openDialog({
    title: 'Change the group', name: 'group-settings-dialog', body: [form],
    foot: [element('button', { class: 'button quiet', type: 'button', onclick: () => close() }, 'Cancel'),
      element('button', { class: 'button primary', type: 'submit', form: 'group-settings' }, 'Save')],
  });
}
