// One row of the message list: a day, the divider before what is new, or a message. The list hears every click; what is
// clicked says with `data-action` what it does.
import { clock, clockWithSeconds, exactly } from '../format.js';
import { element, icon } from './dom.js';
import { quoteOf } from './quote.js';
import { reactionsOf } from './reactions.js';
import { changeRefusal, confirmation, unsentRefusal } from './refusal.js';
import { textOf } from './text.js';

const states = {
  saving: 'Saving',
  queued: 'Queued',
  waiting: 'Waiting to send',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

/** Makes the element of a row. */
export function rowOf(row) {
  if (row.kind === 'day') return element('li', { class: 'day' }, element('span', {}, row.name));
  if (row.kind === 'divider') {
    const words = row.count === 1 ? '1 new message' : `${row.count.toLocaleString()} new messages`;
    return element('li', { class: 'new-divider', id: 'new' }, element('span', {}, words));
  }
  const { mine, first, progress, author, deleted, quote, refused } = row;
  const names = ['message', mine && 'mine', first && 'first', deleted && 'deleted', row.changing && 'changing',
    progress === 'failed' && 'failed', ['saving', 'queued', 'waiting'].includes(progress) && 'queued'].filter(Boolean);
  return element('li', {
    class: names.join(' '), id: row.id ?? null, tabindex: -1, 'data-seq': row.seq ?? null, 'data-rev': row.rev ?? null,
  },
  element('div', { class: 'bubble' },
    element('span', { class: 'visually-hidden' }, element('bdi', {}, author), ': '),
    quote && quoteOf(quote),
    textOf(row),
    row.refusal && unsentRefusal(row),
    progress === 'waiting' && row.status === 429 && limited(row),
    metaOf(row),
    ...refused.map((item) => changeRefusal(item, row)),
    row.confirming && confirmation({ waiting: !row.seq }),
    // Long presses and hovering bring the same, but not everybody can do either.
    element('button', {
      class: 'visually-hidden message-more', type: 'button', tabindex: -1, 'data-action': 'more', 'data-focus': 'more',
    }, 'Actions for this message')),
  reactionsOf(row.reactions));
}

function metaOf({ at, edited, changing, mine, progress }) {
  return element('p', { class: 'meta' },
    element('time', { datetime: at, title: exactly(at) }, clock(at)),
    edited && element('span', { class: 'edited', title: `Edited ${exactly(edited)}` }, 'edited'),
    changing && element('span', { class: 'state saving', 'data-change': 'waiting' }, 'Saving'),
    mine && !changing && element('span', { class: `state ${progress}`, 'data-state': progress },
      ticks(progress), states[progress]));
}

function ticks(progress) {
  if (progress === 'sent') return icon('tick');
  if (progress === 'delivered' || progress === 'read') return icon('ticks');
  return null;
}

/** Why a message waits longer than the network needs, and until when. */
function limited({ retryAt }) {
  const at = new Date(retryAt).toISOString();
  return element('p', { class: 'limited' }, 'Faster than this server allows: sent again at ',
    element('time', { datetime: at, title: exactly(at) }, clockWithSeconds(at)), '.');
}
