// Arrow keys among buttons that are one stop for the Tab key.

/** Arrows move the focus among buttons; `columns` is 1 for a menu. Only one of them is in the order of tabs. */
export function moveByArrows(container, columns = 1) {
  const all = () => [...container.querySelectorAll('button')];
  const select = (chosen) => all().forEach((each) => { each.tabIndex = each === chosen ? 0 : -1; });
  select(all()[0]);
  container.addEventListener('focusin', (event) => select(event.target.closest('button')));
  container.addEventListener('keydown', (event) => {
    const buttons = all();
    const from = buttons.indexOf(document.activeElement);
    const isMirrored = getComputedStyle(container).direction === 'rtl';
    const aside = { ArrowLeft: isMirrored ? 1 : -1, ArrowRight: isMirrored ? -1 : 1 }[event.key];
    const steps = { ArrowUp: -columns, ArrowDown: columns, Home: -from, End: buttons.length - 1 - from }[event.key];
    const step = steps ?? aside;
    if (step === undefined || from < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = from + step;
    const around = columns === 1 ? (to + buttons.length) % buttons.length : Math.min(Math.max(to, 0), buttons.length - 1);
    buttons[around].focus();
  });
}
