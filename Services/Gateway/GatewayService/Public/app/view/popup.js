// A part of the page that opens over it: beside what it belongs to, or from the lower edge where there is little room.
import { element } from './dom.js';
import { isBeside, openModal } from './modal.js';
import { onSwipeDown } from './swipe-down.js';

const small = matchMedia('(max-width: 759px), (pointer: coarse) and (max-height: 600px)');
const margin = 8;

/** Whether popups come from the lower edge. */
export const isSheet = () => small.matches;

/**
 * Opens `content` until it is closed, by Escape, a click beside it, or the answered function, and then calls `onClosed()`.
 * The focus goes to the element with `autofocus`, or to a sheet as a whole, and back to where it was; if that is gone by
 * then, `onLost()` gives it away.
 */
export function openPopup({ label, anchor, content, onClosed = () => undefined, onLost }) {
  const grip = isSheet() && element('div', { class: 'grip', 'aria-hidden': 'true' });
  const dialog = element('dialog', { class: `popup${isSheet() ? ' sheet' : ''}`, 'aria-label': label, tabindex: isSheet() ? -1 : null },
    grip, content);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog && isBeside(dialog, event)) close();
  });
  const close = openModal(dialog, { onClosed, onLost });
  if (grip) onSwipeDown(dialog, grip, close);
  // Of a sheet nothing is chosen beforehand.
  if (grip) dialog.focus();
  if (!isSheet()) place(dialog, anchor.getBoundingClientRect());
  return close;
}

/** Under the anchor, or above it if there is no room, and never out of the window; beside one that is a mere point. */
function place(dialog, anchor) {
  const { width, height } = dialog.getBoundingClientRect();
  const under = anchor.bottom + 4;
  const top = under + height + margin <= innerHeight ? under : Math.max(margin, anchor.top - height - 4);
  const wanted = anchor.width === 0 ? anchor.left : anchor.right - width;
  const left = Math.min(Math.max(margin, wanted), innerWidth - width - margin);
  dialog.style.top = `${top}px`;
  dialog.style.left = `${left}px`;
}
