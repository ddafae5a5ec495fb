// A finger that moves something down, out of the way.
const counts = 56;

/** Calls `onSwiped()` when a finger has moved `element` down by its `handle`. */
export function onSwipeDown(element, handle, onSwiped) {
  let from = null;
  handle.addEventListener('pointerdown', (event) => {
    from = event.clientY;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener('pointermove', (event) => {
    if (from !== null) element.style.translate = `0 ${Math.max(0, event.clientY - from)}px`;
  });
  const stop = (event) => {
    const isFar = from !== null && event.clientY - from >= counts;
    from = null;
    element.style.translate = '';
    if (isFar) onSwiped();
  };
  handle.addEventListener('pointerup', stop);
  handle.addEventListener('pointercancel', () => {
    from = null;
    element.style.translate = '';
  });
}
