// The way to formatting: the button that shows the bar above the text, and the keys. What they do is loaded when somebody
// first wants it.
import { laterModule } from '../assets.js';
import { stored } from '../stored.js';
import { element, icon } from './dom.js';
import { loadOrSay } from './load-or-say.js';

const storageKey = 'martlet-format-bar';
const keys = { b: 'bold', i: 'italic', e: 'code', X: 'strike' };

const what = 'The formatting';
const load = laterModule('app/formatting/main.js');

/** A button that shows the bar in `form` above the row of `field`, if it was not shown when somebody last wrote. */
export function formatButton(field, form) {
  let bar = null;
  const button = element('button', {
    class: 'icon-button format-button', type: 'button', 'aria-label': 'Formatting', title: 'Formatting', 'aria-pressed': 'false',
    onclick: () => toggle(!bar),
  }, icon('format'));
  const toggle = async (wanted) => {
    const module = await loadOrSay(load, what);
    if (!module) return;
    bar?.remove();
    bar = wanted ? module.makeBar(field) : null;
    if (bar) form().querySelector('.composer-row').before(bar);
    button.setAttribute('aria-pressed', String(wanted));
    stored(() => localStorage.setItem(storageKey, wanted ? 'shown' : 'hidden'));
  };
  field.addEventListener('keydown', async (event) => {
    const kind = keys[event.shiftKey ? event.key.toUpperCase() : event.key];
    if (!kind || !(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    event.preventDefault();
    (await loadOrSay(load, what))?.format(field, kind);
  });
  if (stored(() => localStorage.getItem(storageKey)) === 'shown') toggle(true);
  return button;
}
