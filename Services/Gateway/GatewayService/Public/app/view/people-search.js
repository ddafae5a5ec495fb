// Finds people while their name is being typed. Once somebody is chosen, the search is over and its field empty.
import { api } from '../api.js';
import { delayBefore, pause } from '../backoff.js';
import { avatar } from './avatar.js';
import { element, reconcile } from './dom.js';

const pauseInTyping = 180;

export class PeopleSearch {
  #store;
  #onSignedOut;
  #input = document.getElementById('search');
  #list = document.getElementById('people-list');
  #heading = document.getElementById('people-heading');
  #section = document.getElementById('people');
  #drawn = null;
  #timer = null;
  #turn = 0;

  constructor(store, onSignedOut) {
    this.#store = store;
    this.#onSignedOut = onSignedOut;
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#find(), pauseInTyping);
    });
    this.#input.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#find();
    });
    this.#section.addEventListener('click', (event) => {
      if (event.target.closest('#more-people')) {
        event.preventDefault();
        this.#find(this.#store.state.search.next);
      } else if (event.target.closest('.person')) {
        this.#chosen(event);
      }
    });
    // The page may hold the answer already, unless the browser has put an older search back into the field.
    const { search } = store.state;
    if (!search.loaded || search.text !== this.#wanted) this.#find();
  }

  get #wanted() {
    return this.#input.value.trim();
  }

  #chosen({ button, metaKey, ctrlKey, shiftKey, altKey }) {
    const opensElsewhere = button !== 0 || metaKey || ctrlKey || shiftKey || altKey;
    if (opensElsewhere || !this.#input.value) return;
    this.#input.value = '';
    this.#find();
  }

  draw({ search, me }) {
    if (!search.loaded || this.#drawn === search) return;
    this.#drawn = search;
    const hadFocus = this.#list.contains(document.activeElement);
    const people = search.users.filter((user) => user.id !== me.id);
    reconcile(this.#list, people, {
      key: (user) => user.id,
      version: (user) => user.displayName + user.username,
      make: ({ id, username, displayName }) => element('li', {},
        element('a', { class: 'item person', href: `/chatwithme/${encodeURIComponent(username)}` },
          avatar({ id, displayName }),
          element('span', { class: 'item-name', dir: 'auto' }, displayName),
          element('span', { class: 'item-preview' }, `@${username}`))),
    });
    // Whoever was chosen with the keyboard may not be in the list any more; the place in the page should not be lost.
    if (hadFocus && !this.#list.contains(document.activeElement)) this.#heading.focus({ preventScroll: true });
    this.#heading.textContent = search.text ? 'People who match' : 'Everybody here';
    for (const id of ['no-people', 'more-people-row']) document.getElementById(id)?.remove();
    this.#section.querySelector('.more')?.remove();
    if (people.length === 0) {
      this.#section.append(element('p', { class: 'empty-list', id: 'no-people' }, search.text
        ? `Nobody here has “${search.text}” in their name.`
        : 'You are the first one here. Tell somebody the address of this page.'));
    }
    if (search.next) {
      this.#section.append(element('p', { class: 'more', id: 'more-people-row' },
        element('button', { class: 'button quiet', type: 'button', id: 'more-people' }, 'More people')));
    }
  }

  async #find(after) {
    clearTimeout(this.#timer);
    const turn = this.#turn += 1;
    const text = this.#wanted;
    // The list stays as it is until there is an answer; the freshness line says why that takes long.
    for (let attempt = 1; turn === this.#turn; attempt += 1) {
      try {
        const { users, next } = await api.users(text, after);
        if (turn === this.#turn) {
          this.#store.dispatch({ type: 'people-found', text, users, next, append: Boolean(after) });
        }
        return;
      } catch (error) {
        if (error.isSignedOut) return this.#onSignedOut();
        if (!error.isTransient) return undefined;
        await pause(delayBefore(attempt, { atLeast: error.retryAfter }));
      }
    }
  }
}
