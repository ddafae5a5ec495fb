// The one field that filters conversations while somebody types and finds people. Once one is chosen, the search is over
// and its field empty.
import { isPlainClick } from './dom.js';

export class Search {
  #store;
  #finder;
  #input = document.getElementById('search');
  #clear = document.getElementById('search-clear');
  #lists = document.getElementById('lists');
  #sidebar = document.getElementById('sidebar');

  /** `finder` looks for people; `onDown()` moves the focus into the list. */
  constructor(store, finder, onDown) {
    this.#store = store;
    this.#finder = finder;
    this.#input.addEventListener('input', () => this.#typed());
    this.#input.addEventListener('keydown', (event) => this.#onKey(event, onDown));
    this.#input.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#find();
    });
    this.#clear.addEventListener('click', (event) => {
      event.preventDefault();
      this.clear();
      this.focus();
    });
    this.#lists.addEventListener('click', (event) => this.#onClick(event));
    // The page may hold the answer already, unless the browser has put an older search back into the field.
    this.#store.dispatch({ type: 'list-searched', text: this.#wanted });
    const { search } = store.state.people;
    if (this.#wanted && (!search.loaded || search.text !== this.#wanted)) this.#find();
  }

  get #wanted() {
    return this.#input.value.trim();
  }

  focus() {
    // On a phone a conversation covers it.
    if (!this.#input.checkVisibility()) return;
    this.#input.focus();
    this.#input.select();
  }

  /** Ends the search. */
  clear() {
    this.#finder.stop();
    this.#input.value = '';
    this.#store.dispatch({ type: 'list-searched', text: '' });
  }

  draw({ list }) {
    this.#clear.hidden = !list.text;
    this.#sidebar.classList.toggle('searching', Boolean(list.text));
  }

  #typed() {
    this.#store.dispatch({ type: 'list-searched', text: this.#wanted });
    if (this.#wanted) this.#finder.findSoon(this.#wanted);
    else this.#finder.stop();
  }

  #find() {
    if (this.#wanted) this.#finder.find(this.#wanted);
  }

  #onKey(event, onDown) {
    if (event.key === 'ArrowDown' && onDown()) event.preventDefault();
    if (event.key !== 'Escape' || event.isComposing || !this.#input.value) return;
    event.preventDefault();
    this.clear();
  }

  #onClick(event) {
    if (event.target.closest('#more-people')) {
      event.preventDefault();
      this.#finder.more();
    } else if (event.target.closest('a.item') && isPlainClick(event) && this.#input.value) {
      this.clear();
    }
  }
}
