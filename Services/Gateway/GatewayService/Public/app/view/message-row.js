// One row of the message list: a day, the divider before what is new, or a message.
import { clock, clockWithSeconds, exactly, isOnlyEmoji } from '../format.js';
import { element, icon } from './dom.js';

const states = {
  saving: 'Saving',
  queued: 'Queued',
  waiting: 'Waiting to send',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};
const one = 'M1 6l4 4 8-9';
const two = 'M1 6l4 4 8-9M10 9l1.500 1 8-9';

/** Makes the element of a row. `edit(text)` puts a text back into the composer. */
export function rowOf(row, { outbox, edit }) {
  if (row.kind === 'day') return element('li', { class: 'day' }, element('span', {}, row.name));
  if (row.kind === 'divider') {
    const words = row.count === 1 ? '1 new message' : `${row.count.toLocaleString()} new messages`;
    return element('li', { class: 'new-divider', id: 'new' }, element('span', {}, words));
  }
  const { mine, first, progress, text, at, author } = row;
  const names = ['message', mine && 'mine', first && 'first', progress === 'failed' && 'failed',
    ['saving', 'queued', 'waiting'].includes(progress) && 'queued'].filter(Boolean);
  return element('li', { class: names.join(' '), id: row.id ?? null, 'data-seq': mine ? null : row.seq },
    element('div', { class: 'bubble' },
      element('span', { class: 'visually-hidden' }, element('bdi', {}, author), ': '),
      element('p', { class: `text${isOnlyEmoji(text) ? ' emoji-only' : ''}`, dir: 'auto' }, ...withLinks(text)),
      row.refusal && failure(row, { outbox, edit }),
      progress === 'waiting' && row.status === 429 && limited(row),
      element('p', { class: 'meta' },
        element('time', { datetime: at, title: exactly(at) }, clock(at)),
        mine && element('span', { class: `state ${progress}`, 'data-state': progress },
          ticks(progress), states[progress]))));
}

function ticks(progress) {
  if (progress === 'sent') return icon(one, { width: 16, height: 11, box: '0 0 20 11' });
  if (progress === 'delivered' || progress === 'read') return icon(two, { width: 16, height: 11, box: '0 0 20 11' });
  return null;
}

/** Why a message waits longer than the network needs, and until when. */
function limited({ retryAt }) {
  const at = new Date(retryAt).toISOString();
  return element('p', { class: 'limited' }, 'Faster than this server allows: sent again at ',
    element('time', { datetime: at, title: exactly(at) }, clockWithSeconds(at)), '.');
}

function failure({ refusal, text, clientMessageId }, { outbox, edit }) {
  return element('div', { class: 'failure' },
    element('span', {}, refusal),
    element('button', {
      type: 'button',
      onclick: () => {
        edit(text);
        outbox.discard(clientMessageId);
      },
    }, 'Edit'),
    element('button', { type: 'button', onclick: () => outbox.discard(clientMessageId) }, 'Remove'));
}

/** The text with its web addresses as links. */
function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gu)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(URL.canParse(match[0])
      ? element('a', { href: match[0], rel: 'noopener noreferrer nofollow', target: '_blank' }, match[0])
      : match[0]);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}
