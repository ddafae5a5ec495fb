// Light, dark or as the system has it, one press away from the conversation. The settings have more.
import { applyAppearance, keepAppearance, presentAppearance } from '../appearance.js';
import { element } from '../view/dom.js';

const themes = { system: 'System', light: 'Light', dark: 'Dark' };

/** Puts the switch into the account menu, set to what the page looks like. */
export function themeSwitch(menu) {
  const { theme: present, textSize } = presentAppearance();
  const fieldset = element('fieldset', { class: 'theme-switch' },
    element('legend', { class: 'visually-hidden' }, 'Theme'),
    element('div', { class: 'segmented' }, ...Object.entries(themes).map(([theme, words]) =>
      element('label', {},
        element('input', { type: 'radio', name: 'theme', value: theme, checked: theme === present }),
        element('span', {}, words)))));
  fieldset.addEventListener('change', ({ target }) => {
    applyAppearance({ theme: target.value, textSize });
    // If the server cannot keep it now, it holds as long as this page.
    keepAppearance({ theme: target.value, textSize });
  });
  menu.prepend(fieldset);
}
