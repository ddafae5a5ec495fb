// A dialog over the page; on a phone it comes from the lower edge.
import { element, icon } from './dom.js';
import { isBeside, openModal } from './modal.js';

let opened = 0;

/**
 * Opens a dialog with a title until it is closed: by Escape, its button, a click beside it, or the answered function. The
 * focus goes to the element with `autofocus` in `body`, and back to where it was. `name` is a class of its own, `foot`
 * stands under the body, and a body that `isText` is scrolled with the keyboard.
 */
export function openDialog({ title, name, body, foot, isText = false, onClosed = () => undefined }) {
  const id = `dialog-${opened += 1}`;
  const dialog = element('dialog', { class: `dialog ${name}`, 'aria-labelledby': id },
    element('header', { class: 'dialog-head' },
      element('h2', { id }, title),
      element('button', { class: 'icon-button', type: 'button', 'aria-label': 'Close', title: 'Close', onclick: () => close() },
        icon('close'))),
    element('div', {
      class: 'dialog-body', role: isText ? 'group' : null, 'aria-labelledby': isText ? id : null, tabindex: isText ? 0 : null,
    }, ...body),
    foot && element('footer', { class: 'dialog-foot' }, ...foot));
  let pressedBeside = false;
  dialog.addEventListener('pointerdown', (event) => { pressedBeside = isBeside(dialog, event); });
  dialog.addEventListener('click', (event) => {
    if (pressedBeside && event.target === dialog && isBeside(dialog, event)) close();
  });
  const close = openModal(dialog, { onClosed });
  return close;
}
