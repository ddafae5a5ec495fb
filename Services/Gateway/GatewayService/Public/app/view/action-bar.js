// The bar beside the message under the pointer or with the focus. There is one for the whole list: it moves.
import { nameOf, quick } from '../emoji.js';
import { actionsOf, wordsFor } from './actions.js';
import { element, icon } from './dom.js';
import { moveByArrows } from './arrows.js';

export class ActionBar {
  /** It stands in the bubble of its message. */
  element = element('div', { class: 'action-bar', role: 'toolbar', 'aria-label': 'Actions for this message' });
  #drawn = '';
  #key = null;

  constructor() {
    moveByArrows(this.element);
  }

  /** The key of the message that it stands beside, or null. */
  get key() {
    return this.#key;
  }

  /** The name of the button of the bar with the focus, or null. */
  get focused() {
    const button = this.element.contains(document.activeElement) ? document.activeElement : null;
    return button && (button.dataset.action ?? button.dataset.emoji);
  }

  /** Puts the focus on the button of this name, or on the first if there is none any more. */
  focus(name) {
    const named = [...this.element.children].find(({ dataset: { action, emoji } }) => (action ?? emoji) === name);
    (named ?? this.element.firstElementChild).focus({ preventScroll: true });
  }

  /** Moves beside a message; `item` is its element, or null to take the bar away. */
  show(row, item) {
    const actions = row && item && actionsOf(row).length > 0 ? actionsOf(row) : null;
    if (!actions || row.confirming) {
      this.#key = null;
      this.element.remove();
      return;
    }
    const focused = this.#key === row.key ? this.focused : null;
    this.#key = row.key;
    const version = `${actions} ${row.mine}`;
    if (version !== this.#drawn) {
      this.#drawn = version;
      this.element.replaceChildren(...buttonsFor(row, actions));
      for (const [index, button] of [...this.element.children].entries()) button.tabIndex = index === 0 ? 0 : -1;
    }
    const bubble = item.querySelector('.bubble');
    if (this.element.parentElement !== bubble) bubble.append(this.element);
    if (focused && !this.focused) this.focus(focused);
  }
}

/** Others' messages are mostly reacted to, one's own mostly corrected. */
function buttonsFor(row, actions) {
  const shortcuts = row.mine || !actions.includes('react') ? [] : quick.slice(0, 2).map((emoji) => element('button', {
    class: 'icon-button', type: 'button', 'data-emoji': emoji, 'aria-label': `React with ${nameOf(emoji)}`,
    title: `React with ${nameOf(emoji)}`,
  }, element('span', { class: 'emoji', 'aria-hidden': 'true' }, emoji)));
  const named = ['react', 'reply', 'edit'].filter((name) => actions.includes(name))
    .map((name) => button(name, name === 'react' ? 'Choose a reaction' : wordsFor(name)));
  return [...shortcuts, ...named, button('more', 'More actions')];
}

function button(name, words) {
  return element('button', { class: 'icon-button', type: 'button', 'data-action': name, 'aria-label': words, title: words },
    icon(name));
}
