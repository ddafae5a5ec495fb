// A finger that moves something aside.
const begins = 12;
const counts = 56;
const furthest = 72;

/**
 * Calls `onSwiped(target)` when a finger has moved what `selector` names inside `root` far enough towards the end of its
 * lines; `mark()` makes what appears behind it meanwhile.
 */
export function onSwipe(root, selector, mark, onSwiped) {
  let start = null;
  let behind = null;
  const stop = (isDone) => {
    const { target } = start ?? {};
    const far = behind && start.far;
    start = null;
    behind?.remove();
    behind = null;
    target?.classList.remove('swiped');
    target?.style.removeProperty('--swiped');
    if (isDone && far >= counts) onSwiped(target);
  };
  root.addEventListener('pointerdown', (event) => {
    stop(false);
    const target = event.target.closest(selector);
    if (event.pointerType !== 'touch' || !event.isPrimary || !target) return;
    const sign = getComputedStyle(target).direction === 'rtl' ? -1 : 1;
    start = { target, x: event.clientX, y: event.clientY, sign, far: 0 };
  });
  root.addEventListener('pointermove', (event) => {
    if (!start) return;
    const along = (event.clientX - start.x) * start.sign;
    if (!behind && Math.abs(event.clientY - start.y) > begins) {
      start = null;
      return;
    }
    if (!behind && along > begins) {
      behind = mark();
      start.target.append(behind);
      start.target.classList.add('swiped');
    }
    if (!behind) return;
    start.far = Math.max(0, Math.min(along, furthest));
    behind.classList.toggle('enough', start.far >= counts);
    start.target.style.setProperty('--swiped', `${start.far * start.sign}px`);
  });
  root.addEventListener('pointerup', () => stop(true));
  root.addEventListener('pointercancel', () => stop(false));
}
