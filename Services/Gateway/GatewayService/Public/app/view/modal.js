// A dialog element that lies over the page as a layer of its own.
import { openLayer } from './layers.js';

/**
 * Opens `dialog` until it is closed, by Escape or the answered function, and then calls `onClosed()`. The focus goes back to
 * where it was; if that is gone by then, `onLost()` gives it away.
 */
export function openModal(dialog, { onClosed, onLost }) {
  const before = document.activeElement;
  // The dialog's own event comes later than the next key may.
  const close = () => {
    if (!dialog.isConnected) return;
    forget();
    dialog.close();
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
    else onLost?.();
    onClosed();
  };
  const forget = openLayer(close);
  dialog.addEventListener('close', close);
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** The dialog itself is clicked on its padding, and on everything around it. */
export function isBeside(dialog, { clientX, clientY }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
