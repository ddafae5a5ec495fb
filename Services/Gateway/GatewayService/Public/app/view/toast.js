// Says for a moment that something was done.
import { element } from './dom.js';

const duration = 4_000;
let shown = null;
let timer = null;

export function toast(words) {
  shown ??= document.body.appendChild(element('p', { class: 'toast', role: 'status' }));
  shown.textContent = words;
  shown.classList.add('visible');
  clearTimeout(timer);
  timer = setTimeout(() => {
    shown.classList.remove('visible');
    shown.textContent = '';
  }, duration);
}
