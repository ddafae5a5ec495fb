// One row of the message list: a day, the divider before what is new, or a message. The list hears every click; what is
// clicked says with `data-action` what it does.
import { clock, clockWithSeconds, exactly, when } from '../format.js';
import { markOf } from '../runs.js';
import { foldedWords } from '../selectors.js';
import { avatar, hueOf } from './avatar.js';
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

const markedFor = 2_500;
/** What ends the mark of an element. */
const marks = new WeakMap();

/** Makes the element of a row. */
export function rowOf(row) {
  if (row.kind === 'day') return element('li', { class: 'day' }, element('span', {}, row.name));
  if (row.kind === 'divider') {
    const words = row.count === 1 ? '1 new message' : `${row.count.toLocaleString()} new messages`;
    return element('li', { class: 'new-divider', id: 'new' }, element('span', {}, words));
  }
  if (row.kind === 'line') {
    return element('li', { class: 'system', id: row.id, 'data-seq': row.seq, 'data-rev': row.rev },
      element('span', { dir: 'auto' }, row.words));
  }
  return element('li', {
    class: looksOf(row), id: row.id ?? null, tabindex: -1, 'data-seq': row.seq ?? null, 'data-rev': row.rev ?? null,
  }, row.isFaced && avatar({ id: row.sender, displayName: row.author }), bubbleOf(row), reactionsOf(row.reactions));
}

/** Makes the element that somebody was led to stand out for a moment. */
export function markTarget(item) {
  item.classList.add('target');
  clearTimeout(marks.get(item));
  marks.set(item, setTimeout(() => item.classList.remove('target'), markedFor));
}

/** Makes the element of a row that holds the same as before look as its place asks for. */
export function refreshRow(item, row) {
  if (row.kind !== 'message') return;
  const passing = ['target', 'arriving', 'swiped'].filter((name) => item.classList.contains(name));
  const names = [looksOf(row), ...passing].join(' ');
  if (item.className !== names) item.className = names;
}

function looksOf({ mine, deleted, emoji, first, last, timed, ticked, worded, edited, changing, progress, isFaced, mentionsMe }) {
  return ['message', mine && 'mine', deleted && 'deleted', first && 'first', last && 'last', timed && 'timed',
    ticked && 'ticked', worded && 'worded', isFaced && 'faced', (timed || ticked || worded || edited || changing) && 'marked',
    emoji > 0 && `bare bare-${emoji}`, mentionsMe && 'mentions-me', changing && 'changing', progress === 'failed' && 'failed',
    ['saving', 'queued', 'waiting'].includes(progress) && 'queued'].filter(Boolean).join(' ');
}

function bubbleOf(row) {
  return element('div', { class: 'bubble' },
    row.isFaced && element('p', { class: `speaker hue-${hueOf(row.sender)}`, 'aria-hidden': 'true', dir: 'auto' }, row.author),
    element('bdi', { class: 'visually-hidden' }, `${row.author}: `),
    ...folding(row,
      row.quote && quoteOf(row.quote),
      // The text decides the direction of both: the time stands at the end of its last line.
      element('div', { class: 'words', dir: 'auto' }, textOf(row), metaOf(row))),
    row.refusal && unsentRefusal(row),
    row.progress === 'waiting' && row.status === 429 && limited(row),
    ...row.refused.map((item) => changeRefusal(item, row)),
    row.confirming && confirmation({ waiting: !row.seq }),
    // Long presses and hovering bring the same, but not everybody can do either.
    element('button', {
      class: 'visually-hidden message-more', type: 'button', tabindex: -1, 'data-action': 'more', 'data-focus': 'more',
    }, 'Actions for this message'));
}

const unfolded = new Set();

/** What was opened stays so when its row is drawn anew. */
function folding({ folded, key }, ...content) {
  if (!folded) return content;
  const ontoggle = ({ currentTarget: { open } }) => (open ? unfolded.add(key) : unfolded.delete(key));
  return [element('details', { class: 'folded', open: unfolded.has(key), ontoggle },
    element('summary', { tabindex: -1, 'data-focus': 'fold' }, foldedWords), ...content)];
}

/** Time and state, which screen readers get of every message; the looks of the row decide which parts are seen. */
function metaOf({ at, edited, changing, mine, progress, readAt }) {
  return element('p', { class: 'meta' },
    edited && element('span', { class: 'edited', title: `Edited ${exactly(edited)}` }, 'edited'),
    element('time', { datetime: at, title: exactly(at) }, clock(at)),
    changing && element('span', { class: 'state saving', 'data-change': 'waiting' }, icon('pending'), 'Saving'),
    mine && !changing && element('span', {
      class: `state ${progress}`, 'data-state': progress, title: readAt ? `Read ${exactly(readAt)}` : null,
    }, icon(markOf(progress)), readAt ? `${states[progress]} ${when(readAt)}` : states[progress]));
}

/** Why a message waits longer than the network needs, and until when. */
function limited({ retryAt }) {
  const at = new Date(retryAt).toISOString();
  return element('p', { class: 'limited' }, 'Faster than this server allows: sent again at ',
    element('time', { datetime: at, title: exactly(at) }, clockWithSeconds(at)), '.');
}
