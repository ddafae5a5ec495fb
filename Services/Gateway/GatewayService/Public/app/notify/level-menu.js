// The menu of a conversation: what of it somebody is told of.
import { element, icon } from '../view/dom.js';
import { moveByArrows, openPopup } from '../view/popup.js';

const words = { all: 'Every message', none: 'Nothing' };

/** Opens it beside `anchor`; `choose(level)` is called with another level than `present`. */
export function openLevelMenu({ anchor, present, choose }) {
  const items = Object.entries(words).map(([level, name]) => element('button', {
    class: 'menu-item', type: 'button', role: 'menuitemradio', 'aria-checked': String(level === present), 'data-level': level,
    autofocus: level === present,
    onclick: () => {
      close();
      if (level !== present) choose(level);
    },
  }, icon(level === present ? 'check' : level === 'none' ? 'bell-off' : 'bell'), name));
  const menu = element('div', { class: 'menu', role: 'menu', 'aria-label': 'Notify me about' },
    element('p', { class: 'menu-label', role: 'presentation' }, 'Notify me about'), ...items);
  moveByArrows(menu);
  const close = openPopup({ label: 'This conversation', anchor, content: menu });
}
