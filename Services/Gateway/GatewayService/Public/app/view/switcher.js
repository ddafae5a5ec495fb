// Jumps to a conversation or a person by a few letters of a name. The focus stays in the field while the arrows choose.
import { lookAlikes } from '../names.js';
import { switcherOptions } from '../switcher-options.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { element, icon, isDrawn, reconcile } from './dom.js';

// Shorter than elsewhere: whoever jumps types a few letters at once.
const pauseInTyping = 120;

export class Switcher {
  #store;
  #finder;
  #onChosen;
  #close = null;
  #field = null;
  #list = null;
  #status = null;
  #options = [];
  #active = 0;
  #drawn = null;

  /** `finder` looks for people; `onChosen(partner)` goes to somebody, or to a group. */
  constructor(store, finder, onChosen) {
    this.#store = store;
    this.#finder = finder;
    this.#onChosen = onChosen;
  }

  open() {
    if (this.#close) return;
    this.#field = element('input', {
      type: 'text', dir: 'auto', role: 'combobox', placeholder: 'Jump to', 'aria-label': 'Jump to a conversation or person',
      'aria-expanded': 'true', 'aria-controls': 'switcher-list', 'aria-autocomplete': 'list', autocomplete: 'off',
      autocapitalize: 'none', spellcheck: 'false', maxlength: 64, enterkeyhint: 'go', autofocus: true,
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#onKey(event),
    });
    this.#list = element('ul', {
      id: 'switcher-list', class: 'list', role: 'listbox', 'aria-label': 'Conversations and people',
      onclick: (event) => this.#choose(this.#options[[...this.#list.children].indexOf(event.target.closest('li'))]),
      // A click must not take the focus from the field.
      onpointerdown: (event) => event.preventDefault(),
      onpointermove: (event) => this.#point(event.target.closest('li')),
    });
    this.#status = element('p', { class: 'list-note', role: 'status' });
    this.#active = 0;
    this.#drawn = null;
    this.#close = openDialog({
      title: 'Jump to', name: 'switcher',
      body: [element('div', { class: 'search-field' }, icon('search'), this.#field), element('div', { class: 'dialog-list' }, this.#list, this.#status)],
      onClosed: () => {
        this.#finder.stop();
        this.#close = null;
      },
    });
    this.draw(this.#store.state);
  }

  draw(state) {
    if (!this.#close) return;
    const text = this.#field.value.trim();
    const inputs = [state.conversations, state.users, state.selected, state.people.switcher, text];
    if (isDrawn(this.#drawn, inputs)) return;
    this.#drawn = inputs;
    const chosen = this.#options[this.#active]?.user.id;
    this.#options = switcherOptions(state, text);
    // What is chosen stays so while people are found.
    this.#active = Math.max(0, this.#options.findIndex(({ user }) => user.id === chosen));
    const alike = lookAlikes(state.users);
    reconcile(this.#list, this.#options, {
      key: ({ user }) => user.id,
      version: ({ user, unread, known }) => JSON.stringify([user, unread, known, alike.has(user.id)]),
      make: (option) => optionOf(option, alike.has(option.user.id)),
    });
    const { switcher } = state.people;
    const isSettled = !text || (switcher.loaded && switcher.text === text);
    this.#status.textContent = this.#options.length > 0 || !isSettled ? ''
      : text ? `Nobody was found by “${text}”.` : 'Your conversations will appear here. Type a name to find people.';
    this.#mark();
  }

  #typed() {
    const text = this.#field.value.trim();
    this.#options = [];
    this.draw(this.#store.state);
    if (text) this.#finder.findSoon(text, pauseInTyping);
    else this.#finder.stop();
  }

  #onKey(event) {
    if (event.isComposing) return;
    const count = this.#options.length;
    const to = {
      ArrowDown: (this.#active + 1) % count, ArrowUp: (this.#active - 1 + count) % count,
    }[event.key];
    if (to !== undefined && count > 0) {
      event.preventDefault();
      this.#active = to;
      this.#mark(true);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#choose(this.#options[this.#active]);
    }
  }

  #point(row) {
    const index = [...this.#list.children].indexOf(row);
    if (index < 0 || index === this.#active) return;
    this.#active = index;
    this.#mark();
  }

  #mark(isMoved = false) {
    [...this.#list.children].forEach((row, index) => {
      row.setAttribute('aria-selected', String(index === this.#active));
    });
    const active = this.#list.children[this.#active];
    if (active) this.#field.setAttribute('aria-activedescendant', active.id);
    else this.#field.removeAttribute('aria-activedescendant');
    if (isMoved) active?.scrollIntoView({ block: 'nearest' });
  }

  #choose(option) {
    if (!option) return;
    this.#close();
    // The focus belongs into the conversation, not to where it was.
    document.activeElement.blur();
    this.#onChosen(option.user);
  }
}

function optionOf({ user, unread, known }, isAlike) {
  const { id, username, displayName, line } = user;
  return element('li', { class: 'item option', role: 'option', id: `switch-${id}` },
    avatar(user),
    element('span', { class: 'item-line' },
      element('span', { class: 'item-name', dir: 'auto' }, displayName),
      (isAlike || !known || displayName !== username)
        && element('span', { class: 'item-handle' }, username ? `@${username}` : line),
      unread > 0 && element('span', { class: 'badge' }, String(unread), element('span', { class: 'visually-hidden' }, ' unread')),
      !known && element('span', { class: 'tag' }, 'New chat')));
}
