// A field that finds people, those whom it found with a box to choose each, and those who are chosen.
import { api } from '../api.js';
import { avatar } from './avatar.js';
import { element, icon } from './dom.js';

const pauseInTyping = 180;

export class PeopleChooser {
  /** By id, in the order in which they were chosen. */
  chosen = new Map();
  element;
  #isOffered;
  #onChanged;
  #field;
  #picked = element('ul', { class: 'picked', 'aria-label': 'Chosen' });
  #list = element('ul', { class: 'list', 'aria-label': 'People' });
  #status = element('p', { class: 'list-note', role: 'status' });
  #found = [];
  #timer = null;
  #turn = 0;

  /** `isOffered(user)` says who can be chosen; `onChanged()` is called when somebody was chosen or not any more. */
  constructor({ isOffered, onChanged }) {
    this.#isOffered = isOffered;
    this.#onChanged = onChanged;
    this.#field = element('input', {
      type: 'search', dir: 'auto', placeholder: 'Find people by name or username', 'aria-label': 'Find people by name or username',
      autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 64,
      oninput: () => this.#findSoon(),
      // Enter is for the search, not for the form around it.
      onkeydown: (event) => { if (event.key === 'Enter') event.preventDefault(); },
    });
    this.element = element('div', { class: 'people-chooser' },
      element('div', { class: 'search-field' }, icon('search'), this.#field), this.#picked,
      element('div', { class: 'chooser-list' }, this.#list, this.#status));
    this.#find();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  #findSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(), pauseInTyping);
  }

  async #find() {
    const turn = this.#turn += 1;
    const text = this.#field.value.trim();
    try {
      const { users } = await api.users(text);
      if (turn !== this.#turn) return;
      this.#found = users.filter(this.#isOffered);
      this.#status.textContent = this.#found.length > 0 ? '' : text ? `Nobody else here has “${text}” in their name.` : 'Nobody else is here yet.';
      this.#draw();
    } catch (error) {
      if (turn === this.#turn) this.#status.textContent = error.message;
    }
  }

  #choose(user, isChosen) {
    if (isChosen) this.chosen.set(user.id, user);
    else this.chosen.delete(user.id);
    this.#draw();
    this.#onChanged();
  }

  #draw() {
    this.#picked.replaceChildren(...[...this.chosen.values()].map((user) => element('li', { class: 'chip' },
      element('span', { dir: 'auto' }, user.displayName),
      element('button', {
        class: 'icon-button small', type: 'button', 'aria-label': `Do not add ${user.displayName}`,
        onclick: () => {
          this.#choose(user, false);
          this.#field.focus();
        },
      }, icon('close')))));
    // Rows stay, so that the box that was just pressed keeps the focus.
    const known = new Map([...this.#list.children].map((row) => [row.dataset.key, row]));
    this.#list.replaceChildren(...this.#found.map((user) => {
      const row = known.get(user.id) ?? this.#row(user);
      row.querySelector('input').checked = this.chosen.has(user.id);
      return row;
    }));
  }

  #row(user) {
    return element('li', { 'data-key': user.id }, element('label', { class: 'item person' },
      avatar(user),
      element('span', { class: 'item-body' },
        element('span', { class: 'item-name', dir: 'auto' }, user.displayName),
        element('span', { class: 'item-preview' }, `@${user.username}`)),
      element('input', { type: 'checkbox', onchange: ({ target }) => this.#choose(user, target.checked) })));
  }
}
