// What stands above the text while a message is edited or answered.
import { element, icon } from './dom.js';

/** `context` is `{ mode, seq, name, quoted }`, or null for none. */
export function contextOf(context, onCancel) {
  if (!context) return null;
  const { mode, seq, name, quoted } = context;
  return element('div', { class: 'composer-context', 'data-mode': mode, 'data-seq': seq ?? null },
    icon(mode),
    element('p', { class: 'lines' },
      element('strong', {}, ...(mode === 'edit' ? ['Edit message'] : ['Reply to ', element('bdi', {}, name)])),
      element('span', { class: 'quote-text', dir: 'auto' }, quoted)),
    element('button', { class: 'icon-button remove', type: 'button', 'aria-label': 'Cancel', title: 'Cancel', onclick: onCancel },
      icon('close')));
}
