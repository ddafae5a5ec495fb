// Says for a moment that something was done.
import { element } from './dom.js';

const duration = 4_000;
// Whoever may take it back needs time to reach the button.
const longer = 8_000;
let shown = null;
let timer = null;

/** With `undo`, a button calls it. */
export function toast(words, undo) {
  shown ??= document.body.appendChild(element('p', { class: 'toast', role: 'status' }));
  const button = undo && element('button', {
    class: 'button quiet small', type: 'button',
    onclick: () => {
      hide();
      undo();
    },
  }, 'Undo');
  shown.replaceChildren(...[element('span', { class: 'words' }, words), button].filter(Boolean));
  shown.classList.add('visible');
  clearTimeout(timer);
  timer = setTimeout(hide, undo ? longer : duration);
}

function hide() {
  clearTimeout(timer);
  shown.classList.remove('visible');
  shown.replaceChildren();
}
