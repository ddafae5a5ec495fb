// Makes elements. Text is only ever set as text, never parsed as HTML.

/** An element with attributes and children; strings become text, null and false are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const svgSpace = 'http://www.w3.org/2000/svg';

/** An icon of the sprite in every page (`icons.mustache`), which screen readers pass over. */
export function icon(name) {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svgSpace, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Whether a click on a link means this page in this tab: no key was held that asks for another one. */
export function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey }) {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
}

/** Whether what was drawn from some parts of the state is what would be drawn from these; `drawn` is null before. */
export function isDrawn(drawn, inputs) {
  return drawn?.length === inputs.length && drawn.every((input, index) => input === inputs[index]);
}

/**
 * Makes the children of `parent` those of `items`, in their order, with as few changes as possible: an element stays as
 * long as its key stays and its version is the same, so that focus and selection survive. `refresh(element, item)` makes
 * what may differ in one that stays that of the item.
 */
export function reconcile(parent, items, { key, version, make, refresh = () => undefined }) {
  const present = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const keys = new Set(items.map((item) => String(key(item))));
  for (const [itemKey, child] of present) {
    if (!keys.has(itemKey)) child.remove();
  }
  let position = parent.firstElementChild;
  for (const item of items) {
    const itemKey = String(key(item));
    const itemVersion = String(version(item));
    let child = present.get(itemKey);
    present.delete(itemKey);
    if (!child || child.dataset.version !== itemVersion) {
      const made = make(item);
      made.dataset.key = itemKey;
      made.dataset.version = itemVersion;
      if (child) {
        const focused = child.contains(document.activeElement) ? document.activeElement : null;
        if (position === child) position = made;
        child.replaceWith(made);
        if (focused) counterpart(made, focused === child ? null : focused.dataset.focus).focus({ preventScroll: true });
      }
      child = made;
    } else {
      refresh(child, item);
    }
    if (child === position) position = position.nextElementSibling;
    else insert(parent, child, position);
  }
  // What the server rendered has no keys.
  for (const child of [...parent.children]) if (!child.dataset.key) child.remove();
}

/** An element that is moved loses the focus, so it gets it back. */
function insert(parent, child, position) {
  const focused = child.contains(document.activeElement) ? document.activeElement : null;
  parent.insertBefore(child, position);
  focused?.focus({ preventScroll: true });
}

/** What takes the focus of an element that was made anew: the part of the same name, itself, or its first control. */
function counterpart(made, name) {
  const same = name && made.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  if (same) return same;
  return made.matches('a, button, [tabindex]') ? made : made.querySelector('a, button') ?? made;
}
