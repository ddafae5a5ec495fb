// The sheet with every key that does something, and the switch for those that are a single character.
import { openDialog } from './dialog.js';
import { element } from './dom.js';
import { singleKeys } from './shortcuts.js';

const isApple = /Mac|iPhone|iPad/u.test(navigator.platform);
let close = null;

export function openShortcutSheet() {
  if (close) return;
  const list = document.getElementById('shortcut-list').content.cloneNode(true);
  if (isApple) for (const key of list.querySelectorAll('kbd')) key.textContent = { Ctrl: '⌘', Alt: '⌥' }[key.textContent] ?? key.textContent;
  const box = element('input', {
    type: 'checkbox', checked: singleKeys.areOn(), onchange: ({ target }) => singleKeys.turn(target.checked),
  });
  close = openDialog({
    title: 'Keyboard shortcuts', name: 'wide shortcut-sheet', isText: true,
    body: [element('div', { class: 'shortcuts' }, list)],
    foot: [
      element('label', { class: 'check start' }, box, 'Keys of a single character, such as / and ?'),
      element('button', { class: 'button quiet', type: 'button', autofocus: true, onclick: () => close() }, 'Close'),
    ],
    onClosed: () => { close = null; },
  });
}
