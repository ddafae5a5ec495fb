// The list of conversations: what is unread in them, and what was last said.
import { listedConversations, listItem } from '../list.js';
import { conversationItem, skeletons } from './conversation-item.js';
import { element, icon, isDrawn, reconcile } from './dom.js';
import { ListWindow } from './list-window.js';

const nearEnd = 20;

export class ConversationList {
  #section = document.getElementById('conversations');
  #list = document.getElementById('conversation-list');
  #window;
  #drawn = null;
  #state = null;
  #conversations = [];
  #followed = null;
  #onMore;

  /** `onMore()` is called when somebody comes to the end of what is known of a list that goes on. */
  constructor(onMore) {
    this.#onMore = onMore;
    this.#window = new ListWindow(document.getElementById('lists'), this.#list, () => this.#drawRows());
  }

  draw(state) {
    this.#state = state;
    if (!state.listed) {
      if (!this.#list.firstElementChild && !this.#section.querySelector('.skeletons')) this.#list.after(skeletons(6));
      return;
    }
    const inputs = [state.conversations, state.users, state.selected, state.outbox, state.drafts, state.typing,
      state.list, state.notices, state.now];
    if (isDrawn(this.#drawn, inputs)) return;
    this.#drawn = inputs;
    this.#section.querySelector('.skeletons')?.remove();
    this.#conversations = listedConversations(state);
    this.#section.hidden = Boolean(state.list.text) && this.#conversations.length === 0;
    this.#drawNote(state);
    this.#drawRows();
    this.#follow(state.selected);
  }

  /** Brings the first or the last row into the page. */
  showEdge(atEnd) {
    const scroller = document.getElementById('lists');
    scroller.scrollTop = atEnd ? scroller.scrollHeight : 0;
    this.#drawRows();
  }

  /** Brings the rows around those in sight into the page at once. */
  showAround() {
    this.#drawRows();
  }

  #drawRows() {
    const all = this.#conversations;
    const range = this.#window.range(all.length);
    const items = all.slice(range.from, range.to).map((each) => listItem(this.#state, each));
    reconcile(this.#list, items, { key: (item) => item.id, version: (item) => JSON.stringify(item), make: conversationItem });
    this.#window.show(range, all.length);
    if (this.#state.more && range.to > all.length - nearEnd) this.#onMore();
  }

  /** Whatever is opened by other means than its row should be seen in the list. */
  #follow(selected) {
    if (selected === this.#followed) return;
    this.#followed = selected;
    const index = this.#conversations.findIndex(({ id }) => id === selected);
    if (index < 0 || !this.#list.checkVisibility()) return;
    this.#window.reveal(index);
    this.#drawRows();
  }

  #drawNote({ list }) {
    const isEmpty = this.#conversations.length === 0 && !list.text;
    const wanted = !isEmpty ? null : nothing[list.show] ? `nothing-${list.show}` : 'no-conversations';
    const present = this.#section.querySelector('.list-note');
    if (present?.id === wanted || (!present && !wanted)) return;
    present?.remove();
    if (wanted) this.#section.append(note(wanted, nothing[list.show]));
  }
}

const nothing = {
  unread: 'You have read everything.',
  mentions: 'Nothing unread mentions you.',
  archived: 'Nothing is archived.',
  requests: 'Nobody waits for you to accept them.',
};

/** What stands in an empty list; `words` if a filter has made it empty. */
function note(id, words) {
  const button = (link, ...children) => element('a', { class: 'button tinted small', ...link }, ...children);
  return element('div', { class: 'list-note', id }, element('p', {}, words ?? 'Your conversations will appear here.'),
    words ? button({ href: '/chatwith', 'data-show': 'all' }, 'Show all')
      : button({ href: '/chatwith#people', 'data-opens': 'new-chat' }, icon('plus'), 'New chat'));
}
