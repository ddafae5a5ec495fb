// Everything that can be done with a message: a menu, or on a phone a sheet with the message on top.
import { nameOf, quick } from '../emoji.js';
import { plainText } from '../words.js';
import { actionsOf, keyFor, wordsFor } from './actions.js';
import { avatar } from './avatar.js';
import { element, icon } from './dom.js';
import { moveByArrows } from './arrows.js';
import { isSheet, openPopup } from './popup.js';

const readers = 'readers';

/** Opens it beside `anchor`. `run(name)` does one of the actions; `react(emoji)` sets or takes back a reaction. */
export function openMessageMenu({ row, anchor, tellsReaders, run, react, onLost }) {
  // The menu is closed first, so that what is done may take the focus.
  let chosen = null;
  const choose = (work) => () => {
    chosen = work;
    close();
  };
  // In a sheet the row of reactions is the way to react.
  const names = actionsOf(row).filter((name) => name !== 'react' || !isSheet());
  if (tellsReaders && row.mine && row.seq && !row.deleted) names.splice(-1, 0, readers);
  const menu = element('div', { class: 'menu', role: 'menu', 'aria-label': 'Actions' },
    ...names.flatMap((name, index) => [
      name === 'delete' && index > 0 && element('hr', { role: 'separator' }),
      element('button', {
        class: `menu-item${name === 'delete' ? ' danger' : ''}`, type: 'button', role: 'menuitem', 'data-action': name,
        autofocus: index === 0 && !isSheet(), onclick: choose(() => run(name)),
      }, icon(name === readers ? 'ticks' : name), name === readers ? 'Read by…' : wordsFor(name), !isSheet() && keyFor(name) && element('kbd', { 'aria-hidden': 'true' }, keyFor(name))),
    ]).filter(Boolean));
  moveByArrows(menu);
  const content = element('div', { class: 'message-menu' },
    isSheet() && subject(row),
    isSheet() && actionsOf(row).includes('react') && reactions(row, choose, react, run),
    menu);
  const close = openPopup({
    label: 'Actions for this message', anchor, content,
    onLost, onClosed: () => chosen?.(),
  });
}

function subject(row) {
  const { sender, author, name, deleted } = row;
  return element('p', { class: 'sheet-subject' }, avatar({ id: sender, displayName: name }), element('strong', {}, element('bdi', {}, author)),
    element('span', { class: 'line', dir: 'auto' }, deleted ? 'Message deleted' : plainText(row)));
}

function reactions(row, choose, react, run) {
  const buttons = quick.map((emoji) => element('button', {
    type: 'button', 'aria-label': nameOf(emoji),
    'aria-pressed': String(row.reactions.some((each) => each.emoji === emoji && each.mine)),
    onclick: choose(() => react(emoji)),
  }, element('span', { 'aria-hidden': 'true' }, emoji)));
  const group = element('div', { class: 'quick-reactions', role: 'group', 'aria-label': 'React' }, ...buttons,
    element('button', { type: 'button', 'aria-label': 'Choose a reaction', onclick: choose(() => run('react')) },
      icon('plus')));
  return group;
}
