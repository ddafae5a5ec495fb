// Finds people while their name is being typed.
import { api } from '../api.js';
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
      if (!event.target.closest('#more-people')) return;
      event.preventDefault();
      this.#find(this.#store.state.search.next);
    });
    this.#find();
  }

  draw({ search, me }) {
    if (!search.loaded || this.#drawn === search) return;
    this.#drawn = search;
    const people = search.users.filter((user) => user.id !== me.id);
    reconcile(this.#list, people, {
      key: (user) => user.id,
      version: (user) => user.displayName + user.username,
      make: ({ id, username, displayName }) => element('li', {},
        element('a', { class: 'item person', href: `/chatwithme/${encodeURIComponent(username)}` },
          avatar({ id, displayName }),
          element('span', { class: 'item-name' }, displayName),
          element('span', { class: 'item-preview' }, `@${username}`))),
    });
    this.#heading.textContent = search.prefix ? 'People who match' : 'Everybody here';
    for (const id of ['no-people', 'more-people-row']) document.getElementById(id)?.remove();
    this.#section.querySelector('.more')?.remove();
    if (people.length === 0) {
      this.#section.append(element('p', { class: 'empty-list', id: 'no-people' }, search.prefix
        ? `No username begins with “${search.prefix}”.`
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
    const prefix = this.#input.value.trim();
    try {
      const { users, next } = await api.users(prefix, after);
      if (turn === this.#turn) {
        this.#store.dispatch({ type: 'people-found', prefix, users, next, append: Boolean(after) });
      }
    } catch (error) {
      if (error.isSignedOut) this.#onSignedOut();
      // Otherwise the list stays as it is; the freshness line says why.
    }
  }
}
