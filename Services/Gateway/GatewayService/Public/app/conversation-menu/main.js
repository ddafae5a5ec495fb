// The menu of a conversation: what its user wants of it. Loaded when the page has come to rest, or when somebody first wants it.
import '../main.js';
import { mutes } from '../choices.js';
import { newestSeq } from '../conversation.js';
import { partner, settingsIn } from '../selectors.js';
import { readPosition } from '../unread.js';
import { element, icon } from '../view/dom.js';
import { moveByArrows } from '../view/arrows.js';
import { openPopup } from '../view/popup.js';
import { toast } from '../view/toast.js';

const hour = 3_600_000;

/** Opens it beside `anchor` for the conversation with this id. */
export function openMenu({ store, outbox, positions, openInfo, conversation: id, anchor }) {
  const { state } = store;
  const conversation = state.conversations[id];
  if (!conversation) return;
  const settings = settingsIn(state, conversation);
  const choose = async (choice) => {
    try {
      await outbox.choose(id, choice);
    } catch {
      toast('The browser could not keep this, because its storage is full. It is done all the same.');
    }
  };
  let chosen = null;
  const item = (name, words, run) => element('button', {
    class: 'menu-item', type: 'button', role: 'menuitem', onclick: () => {
      chosen = run;
      close();
    },
  }, icon(name), words);
  const other = partner(state, conversation);
  const info = infoItems(other, item, (name) => openInfo(name, id));
  const blocks = blockItems(other, settings, choose, item);
  // A request is not in the list, nobody is told of it, and it stays unread until it is accepted.
  const groups = settings.request ? [info, blocks] : [
    info,
    [...readItems(state, conversation, positions, item),
      settings.pinnedAt ? item('pin', 'Unpin', () => choose({ pinned: false }))
        : item('pin', 'Pin to the top', () => choose({ pinned: true }))],
    mutes(settings, Date.now()) ? [item('bell', settings.tellsMentions ? 'Notify about everything' : 'Unmute', () => choose({ muted: false }))] : [
      ...(conversation.group ? [item('bell', 'Only mentions and replies', () => choose({ muted: true, tellsMentions: true }))] : []),
      item('bell-off', 'Mute for 1 hour', () => choose(mutedFor(hour))),
      item('bell-off', 'Mute for 8 hours', () => choose(mutedFor(8 * hour))),
      item('bell-off', 'Mute until I unmute it', () => choose({ muted: true })),
    ],
    [settings.archivedThrough === undefined ? item('archive', 'Archive', () => archive(conversation, choose))
      : item('archive', 'Bring back from the archive', () => choose({ archived: false })),
    ...blocks],
  ];
  const menu = element('div', { class: 'menu', role: 'menu', 'aria-label': 'This conversation' },
    ...groups.filter((items) => items.length > 0)
      .flatMap((items, index) => [index > 0 && element('hr', { role: 'separator' }), ...items]).filter(Boolean));
  menu.querySelector('button').autofocus = true;
  moveByArrows(menu);
  // The menu is closed first, so that what is done may take the focus.
  const close = openPopup({
    label: other.displayName, anchor, content: menu, onClosed: () => chosen?.(),
  });
}

/** Notes are nobody's. */
function infoItems({ isSelf, isGroup }, item, open) {
  if (isGroup) return [item('people', 'Group info', () => open('group-info'))];
  return isSelf ? [] : [item('people', 'Contact info', () => open('contact'))];
}

/** Only what somebody else has written can be unread. */
function readItems({ me }, conversation, positions, item) {
  const { id, unread, lastMessage: last } = conversation;
  if (unread > 0) return [item('check', 'Mark as read', () => positions.markRead(id, newestSeq(conversation)))];
  const isTheirs = last && last.sender !== me.id && !last.deleted && last.seq <= readPosition(conversation, me.id);
  return isTheirs ? [item('unread', 'Mark as unread', () => positions.markUnread(id, last.seq))] : [];
}

/** Nobody blocks themselves, or a group. */
function blockItems({ isSelf, isGroup, displayName }, { isBlocked }, choose, item) {
  if (isSelf || isGroup) return [];
  if (isBlocked) return [item('block', 'Unblock', () => choose({ blocked: false }))];
  const block = item('block', 'Block', () => {
    // Where there is no request, nothing is declined.
    choose({ blocked: true, request: 'declined' });
    toast(`You blocked ${displayName}`, () => choose({ blocked: false }));
  });
  block.classList.add('danger');
  return [block];
}

function archive(conversation, choose) {
  choose({ archived: true, archivedThrough: newestSeq(conversation) });
  toast('Conversation archived', () => choose({ archived: false }));
}

const mutedFor = (time) => ({ muted: true, mutedUntil: new Date(Date.now() + time).toISOString() });
