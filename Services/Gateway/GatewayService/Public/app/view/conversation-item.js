// One row of the list of conversations, and of people.
import { when } from '../format.js';
import { markOf } from '../runs.js';
import { avatar } from './avatar.js';
import { element, icon, reconcile } from './dom.js';
import { pathTo } from '../selectors.js';
import { typingDots } from './typing-line.js';

const labels = { failed: () => 'Not sent:', draft: () => 'Draft:', you: () => 'You:', by: ({ by }) => `${by}:` };
// Of what was not sent, the label says so.
const words = { saving: 'Queued', queued: 'Queued', waiting: 'Waiting to send', sent: 'Sent', delivered: 'Delivered', read: 'Read' };

/** The row of a conversation, from what `listItem` says about it. */
export function conversationItem(item) {
  const { userId, username, displayName, isGroup, path, handle, at, label, unread, mentioned, pinned, muted, current } = item;
  return element('li', {},
    element('a', {
      class: `item${unread > 0 ? ' unread' : ''}${muted ? ' muted' : ''}`,
      href: path,
      'aria-current': current ? 'page' : null,
    },
    avatar({ id: userId, displayName, isGroup }),
    element('span', { class: 'item-body' },
      element('span', { class: 'item-line' },
        element('span', { class: 'item-name', dir: 'auto', title: displayName }, displayName),
        handle && element('span', { class: 'item-handle' }, `@${username}`),
        pinned && icon('pin'), pinned && element('span', { class: 'visually-hidden' }, 'Pinned. '),
        muted && icon('bell-off'), muted && element('span', { class: 'visually-hidden' }, 'Muted. '),
        element('time', { class: 'item-when', datetime: at }, when(at))),
      element('span', { class: 'item-line' },
        label ? labelled(item) : element('span', { class: 'item-preview', dir: 'auto' }, item.preview),
        mentioned && element('span', { class: 'badge at', 'aria-hidden': 'true' }, '@'),
        mentioned && element('span', { class: 'visually-hidden' }, 'mentions you, '),
        unread > 0 && element('span', { class: 'badge' }, unread > 999 ? '999+' : String(unread),
          element('span', { class: 'visually-hidden' }, ' unread'))))));
}

/** Makes a list show people whom one may write to. */
export function drawPeople(list, people) {
  reconcile(list, people, {
    key: (user) => user.id, version: (user) => JSON.stringify(user), make: personItem,
  });
}

function personItem({ id, username, displayName, about }) {
  return element('li', {},
    element('a', { class: 'item person', href: pathTo({ username }) },
      avatar({ id, displayName }),
      element('span', { class: 'item-body' },
        element('span', { class: 'item-name', dir: 'auto', title: displayName }, displayName),
        element('span', { class: 'item-preview' }, ...lineAndAbout({ username, about })))));
}

/** Rows that are still to come. They show themselves when that takes long. */
export function skeletons(count) {
  return element('div', { class: 'skeletons', 'aria-hidden': 'true' }, ...Array.from({ length: count }, () =>
    element('div', { class: 'item' },
      element('span', { class: 'skeleton circle avatar' }),
      element('span', { class: 'item-body' },
        element('span', { class: 'skeleton line' }), element('span', { class: 'skeleton line long' })))));
}

/** A username or the number of members, and what is said about them. */
export const lineAndAbout = ({ username, line, about }) => [line ?? `@${username}`, ...(about ? [' · ', element('bdi', {}, about)] : [])];

function labelled(item) {
  const { label, preview, progress } = item;
  if (label === 'typing') {
    return element('span', { class: 'item-preview' }, element('span', { class: 'label-typing' }, 'typing ', typingDots()));
  }
  const name = markOf(progress);
  const word = words[progress];
  const mark = name && icon(name);
  mark?.classList.add('tick', progress);
  return element('span', { class: 'item-preview' },
    mark, word && element('span', { class: 'visually-hidden' }, `${word}. `),
    element(label === 'by' ? 'bdi' : 'span', { class: label === 'you' || label === 'by' ? 'by' : `label-${label}` }, labels[label](item)), ' ',
    element('bdi', {}, preview));
}
