// A finger that rests on something.
const patience = 400;
const tolerance = 10;

/** Calls `onPress(target)` when a finger has rested on something inside `root` that `selector` names. */
export function onLongPress(root, selector, onPress) {
  let timer = null;
  let start = null;
  let pressed = false;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
  };
  root.addEventListener('pointerdown', (event) => {
    stop();
    pressed = false;
    const target = event.target.closest(selector);
    // A link or a button has its own meaning.
    if (event.pointerType !== 'touch' || !event.isPrimary || !target || event.target.closest('a, button')) return;
    start = event;
    timer = setTimeout(() => {
      timer = null;
      pressed = true;
      onPress(target);
    }, patience);
  });
  root.addEventListener('pointermove', (event) => {
    if (timer !== null && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > tolerance) stop();
  });
  for (const name of ['pointerup', 'pointercancel', 'scroll']) root.addEventListener(name, stop, { passive: true });
  // Browsers open a menu of their own at about the same moment.
  root.addEventListener('contextmenu', (event) => {
    if ((timer !== null || pressed) && event.target.closest(selector)) event.preventDefault();
  });
}
