// The two bars of the picker: the groups above the grid, and the skin tones below it.
import { element } from '../view/dom.js';
import { moveByArrows } from '../view/arrows.js';

const clock = '🕘';
const hand = '✋';
const tones = [
  ['No skin tone', ''], ['Light skin', '🏻'], ['Medium-light skin', '🏼'], ['Medium skin', '🏽'], ['Medium-dark skin', '🏾'],
  ['Dark skin', '🏿'],
];

/** Leads to the groups: `draw(sections)` makes its buttons, `mark(name)` says which group is in sight. */
export function groupBar(onChosen) {
  const bar = element('div', { class: 'emoji-tabs', role: 'toolbar', 'aria-label': 'Groups of emoji' });
  return {
    element: bar,
    draw(sections) {
      bar.replaceChildren(...sections.map(({ name, entries }) => element('button', {
        type: 'button', 'aria-label': name, title: name, 'data-name': name, onclick: () => onChosen(name),
      }, element('span', { 'aria-hidden': 'true' }, name === 'Recently used' ? clock : entries[0].emoji))));
      if (bar.firstChild) moveByArrows(bar);
    },
    mark(name) {
      for (const button of bar.children) {
        if (button.dataset.name === name) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    },
  };
}

/** Chooses among no tone, 0, and five, 1 to 5. */
export function toneBar(tone, onChosen) {
  const bar = element('div', { class: 'emoji-tones', role: 'toolbar', 'aria-label': 'Skin tone' });
  bar.append(...tones.map(([name, modifier], index) => element('button', {
    type: 'button', 'aria-label': name, title: name, 'aria-pressed': String(index === tone),
    onclick: () => {
      for (const [each, button] of [...bar.children].entries()) button.setAttribute('aria-pressed', String(each === index));
      onChosen(index);
    },
  }, element('span', { 'aria-hidden': 'true' }, hand + modifier))));
  moveByArrows(bar);
  return bar;
}
