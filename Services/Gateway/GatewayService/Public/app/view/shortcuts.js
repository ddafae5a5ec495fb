// Keys that mean the page, wherever the focus is: unless somebody types, or something is open over it.
import { stored } from '../stored.js';
import { hasLayers } from './layers.js';

const key = 'martlet-single-keys';

/** Whether keys of a single character do something. They can be in the way of dictation, so they can be turned off. */
export const singleKeys = {
  areOn() {
    return stored(() => localStorage.getItem(key)) !== 'off';
  },
  turn(on) {
    stored(() => (on ? localStorage.removeItem(key) : localStorage.setItem(key, 'off')));
  },
};

/** Listens for them: `search()`, `sheet()`, `jump()` and `newChat()` open something, `step(by, unread)` goes to a neighbour. */
export function listenForShortcuts({ search, sheet, jump, newChat, step }) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || hasLayers()) return;
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  });

  function actionOf(event) {
    const { altKey, shiftKey, code } = event;
    const command = event.ctrlKey || event.metaKey;
    // AltGr, which types characters, says that it is Ctrl and Alt.
    if (event.getModifierState('AltGraph')) return null;
    if (command && altKey && !shiftKey) return code === 'KeyN' ? newChat : null;
    if (command) return event.key.toLowerCase() === 'k' && !shiftKey ? jump : null;
    if (altKey) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      return by ? () => step(by, shiftKey) : null;
    }
    if (event.target.closest?.('input, textarea, select, [contenteditable]') || !singleKeys.areOn()) return null;
    return { '/': search, '?': sheet }[event.key] ?? null;
  }
}
