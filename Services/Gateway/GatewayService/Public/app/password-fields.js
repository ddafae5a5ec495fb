// A button in each password field that shows what is being typed. Without the script there is none, and nothing is missing.
import { element, icon } from './view/dom.js';

export function addPasswordButtons() {
  for (const field of document.querySelectorAll('.input-group > input[type="password"]')) {
    const button = element('button', {
      type: 'button', class: 'icon-button', 'aria-label': 'Show password', title: 'Show password', 'aria-pressed': 'false',
    }, icon('eye'));
    const show = (isShown) => {
      field.type = isShown ? 'text' : 'password';
      button.setAttribute('aria-pressed', String(isShown));
      button.replaceChildren(icon(isShown ? 'eye-off' : 'eye'));
    };
    button.addEventListener('click', () => {
      show(field.type === 'password');
      field.focus();
    });
    // Browsers keep passwords by the type of the field, and nobody should find one on the screen after going back.
    field.form?.addEventListener('submit', () => show(false));
    field.after(button);
  }
}
