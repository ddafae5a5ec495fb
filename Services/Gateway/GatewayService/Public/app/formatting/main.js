// The bar that formats what is selected in the composer, and what its keys do. Loaded when somebody first wants either.
import '../main.js';
import { element } from '../view/dom.js';
import { insert } from '../view/insert.js';
import { moveByArrows } from '../view/arrows.js';
import { formatting } from './edits.js';

const svgSpace = 'http://www.w3.org/2000/svg';
const key = navigator.platform?.startsWith('Mac') ? '⌘' : 'Ctrl+';

// In groups, each with its words and the strokes of its icon in a square of 24.
const groups = [
  [
    ['bold', `Bold (${key}B)`, 'M8 5.5h4.8a3.2 3.2 0 0 1 0 6.4H8zM8 11.9h5.8a3.4 3.4 0 0 1 0 6.8H8z'],
    ['italic', `Italic (${key}I)`, 'M10.5 5.5H17M7 18.5h6.5M13.8 5.5l-3.6 13'],
    ['strike', `Strikethrough (${key}Shift+X)`, 'M5 12h14M16.3 8.4C15.8 6.6 14.2 5.6 12 5.6c-2.4 0-4 1.2-4 3M7.7 15.4c.4 1.9 2 3 4.3 3 2.5 0 4.2-1.2 4.2-3.1'],
  ],
  [
    ['link', 'Link', 'M10.3 13.5a3.6 3.6 0 0 0 5.3.2l2.8-2.8a3.7 3.7 0 0 0-5.3-5.3L12 6.7M13.7 10.5a3.6 3.6 0 0 0-5.3-.2l-2.8 2.8a3.7 3.7 0 0 0 5.3 5.3l1.1-1.1'],
    ['code', `Code (${key}E)`, 'M8.7 7.8 4.5 12l4.2 4.2M15.3 7.8l4.2 4.2-4.2 4.2'],
    ['code-block', 'Code block', 'M6 5h12a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM9.6 9.6 7.2 12l2.4 2.4M14.4 9.6l2.4 2.4-2.4 2.4'],
  ],
  [
    ['bullets', 'Bulleted list', 'M9.5 6.5h10M9.5 12h10M9.5 17.5h10M5 6.5h.01M5 12h.01M5 17.5h.01'],
    ['numbers', 'Numbered list', 'M10.5 6.5h9M10.5 12h9M10.5 17.5h9M4.2 5.2l1.3-.7v4M4 14.8c.2-1.3 2.4-1.3 2.4.1 0 1-2.4 1.6-2.4 3h2.6'],
    ['quote', 'Quote', 'M5.5 6v12M10 7.5h9M10 12h9M10 16.5h5.5'],
  ],
];

/** Formats what is selected in `field`, which keeps the focus. */
export function format(field, kind) {
  const { from, to, text, start, end } = formatting(kind, field.value, field.selectionStart, field.selectionEnd);
  insert(field, text, from, to);
  field.setSelectionRange(start, end);
}

/** The bar: one stop for the Tab key. */
export function makeBar(field) {
  const bar = element('div', { class: 'format-bar', role: 'toolbar', 'aria-label': 'Formatting' });
  groups.forEach((group, index) => {
    if (index > 0) bar.append(element('span', { class: 'rule' }));
    for (const [kind, words, strokes] of group) {
      bar.append(element('button', {
        class: 'icon-button', type: 'button', 'aria-label': words, title: words, 'data-format': kind,
        onclick: () => format(field, kind),
      }, iconOf(strokes)));
    }
  });
  moveByArrows(bar);
  return bar;
}

function iconOf(strokes) {
  const svg = document.createElementNS(svgSpace, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgSpace, 'path');
  path.setAttribute('d', strokes);
  svg.append(path);
  return svg;
}
