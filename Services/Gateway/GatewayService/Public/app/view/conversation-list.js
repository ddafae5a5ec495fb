// The list of conversations with what is unread in them.
import { concerns, isSend, waitingWithPending, withPending } from '../pending.js';
import { conversationsInOrder, partner } from '../state.js';
import { when } from '../format.js';
import { avatar } from './avatar.js';
import { element, reconcile } from './dom.js';

export class ConversationList {
  #list = document.getElementById('conversation-list');
  #empty = document.getElementById('no-conversations');
  #drawn = null;

  draw(state) {
    if (!state.listed) return;
    const inputs = [state.conversations, state.users, state.selected, state.outbox];
    if (this.#drawn?.every((input, index) => input === inputs[index])) return;
    this.#drawn = inputs;

    const items = conversationsInOrder(state).map((conversation) => itemOf(state, conversation));
    reconcile(this.#list, items, { key: (item) => item.id, version: (item) => JSON.stringify(item), make });
    if (items.length > 0) this.#empty?.remove();
  }
}

function itemOf(state, conversation) {
  const { id: userId, username, displayName } = partner(state, conversation);
  const items = state.outbox.filter((item) => item.conversation === conversation.id);
  const waiting = items.filter((item) => isSend(item) && !item.stored)
    .map((item) => waitingWithPending(item, items)).findLast(Boolean);
  const last = conversation.lastMessage && withPending(conversation.lastMessage,
    items.filter((item) => concerns(item, conversation.lastMessage)), state.me.id);
  const mine = Boolean(waiting) || last?.sender === state.me.id;
  return {
    id: conversation.id,
    userId,
    username,
    displayName,
    at: waiting?.writtenAt ?? last?.sentAt ?? conversation.createdAt,
    mine,
    preview: (waiting?.text ?? (last?.deleted ? 'Message deleted' : last?.text) ?? '').slice(0, 140),
    unread: conversation.unread,
    current: state.selected === conversation.id,
  };
}

function make(item) {
  const { userId, username, displayName, at, mine, preview, unread, current } = item;
  return element('li', {},
    element('a', {
      class: `item${current ? ' current' : ''}${unread > 0 ? ' unread' : ''}`,
      href: `/chatwithme/${encodeURIComponent(username)}`,
      'aria-current': current ? 'page' : null,
    },
    avatar({ id: userId, displayName }),
    element('span', { class: 'item-name', dir: 'auto' }, displayName),
    element('time', { class: 'item-when', datetime: at }, when(at)),
    mine
      ? element('span', { class: 'item-preview' }, 'You: ', element('bdi', {}, preview))
      : element('span', { class: 'item-preview', dir: 'auto' }, preview || 'No messages yet'),
    unread > 0 && element('span', { class: 'badge' }, unread > 999 ? '999+' : String(unread),
      element('span', { class: 'visually-hidden' }, ' unread'))));
}
