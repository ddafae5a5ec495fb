// The row of reactions under a message.
import { listed } from '../format.js';
import { element, icon } from './dom.js';

/** `reactions` are `{ emoji, names, mine }`. The list that a message belongs to hears the clicks. */
export function reactionsOf(reactions) {
  if (reactions.length === 0) return null;
  return element('ul', { class: 'reactions', 'aria-label': 'Reactions' },
    ...reactions.map(({ emoji, names, mine }) => element('li', {},
      element('button', {
        class: `reaction${mine ? ' mine' : ''}`,
        type: 'button',
        tabindex: -1,
        'data-emoji': emoji,
        'data-focus': `reaction ${emoji}`,
        'aria-pressed': String(mine),
        'aria-label': `${emoji} ${names.length}, ${listed(names)}`,
        title: `${listed(names)} reacted with ${emoji}`,
      },
      element('span', { class: 'emoji', 'aria-hidden': 'true' }, emoji), ' ',
      element('span', { class: 'count' }, names.length.toLocaleString())))),
    element('li', {}, element('button', {
      class: 'reaction add', type: 'button', tabindex: -1, 'data-action': 'react', 'data-focus': 'react', 'aria-label': 'Add a reaction',
      title: 'Add a reaction',
    }, icon('react'))));
}
