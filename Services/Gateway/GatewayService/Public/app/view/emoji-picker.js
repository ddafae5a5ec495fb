// Chooses a reaction: the quick six, a grid of common ones, and a field that takes any emoji.
import { common, nameOf, oneEmoji, quick } from '../emoji.js';
import { element } from './dom.js';
import { isSheet, moveByArrows, openPopup } from './popup.js';

const columns = 8;

/** Opens it beside `anchor`; `onChosen(emoji)` is called with one that was chosen. */
export function openEmojiPicker({ row, anchor, onChosen, onLost }) {
  let chosen = null;
  const choose = (emoji) => {
    chosen = emoji;
    close();
  };
  const button = (emoji) => element('button', {
    type: 'button', 'aria-label': nameOf(emoji), title: nameOf(emoji),
    'aria-pressed': String(row.reactions.some((each) => each.emoji === emoji && each.mine)),
    onclick: () => choose(emoji),
  }, element('span', { 'aria-hidden': 'true' }, emoji));
  const six = element('div', { class: 'quick-reactions', role: 'group', 'aria-label': 'Often used' }, ...quick.map(button));
  six.firstElementChild.autofocus = !isSheet();
  const grid = element('div', { class: 'emoji-grid', role: 'group', 'aria-label': 'More emoji' },
    ...common.filter(({ emoji }) => !quick.includes(emoji)).map(({ emoji }) => button(emoji)));
  moveByArrows(six);
  moveByArrows(grid, columns);
  const field = element('input', {
    id: 'any-emoji', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', 'aria-describedby': 'any-emoji-problem',
  });
  const problem = element('p', { class: 'field-error', id: 'any-emoji-problem', role: 'alert', hidden: true });
  const form = element('form', {
    class: 'any-emoji',
    onsubmit: (event) => {
      event.preventDefault();
      const emoji = oneEmoji(field.value);
      if (emoji) return choose(emoji);
      problem.hidden = false;
      problem.textContent = field.value.trim() ? 'That is not exactly one emoji.' : 'Type or paste one emoji.';
      field.setAttribute('aria-invalid', 'true');
      return field.focus();
    },
  },
  element('label', { for: 'any-emoji' }, 'Any other emoji'),
  element('div', { class: 'any-emoji-row' }, field, element('button', { class: 'button primary small', type: 'submit' }, 'React')),
  problem);
  const close = openPopup({
    label: 'Choose a reaction', anchor, content: element('div', { class: 'emoji-picker' }, six, grid, form),
    onLost,
    onClosed: () => chosen && onChosen(chosen),
  });
}
