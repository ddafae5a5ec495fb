// The dialog in which one chooses whom to write to, from everybody here.
import { openDialog } from './dialog.js';
import { drawPeople, skeletons } from './conversation-item.js';
import { element, icon } from './dom.js';
import { nobodyCalled } from './people-results.js';
import { Roving } from './roving.js';

export class NewChat {
  #store;
  #finder;
  #close = null;
  #list = null;
  #rest = null;
  #drawn = null;
  #onGroup;

  /** `finder` looks for people and puts them into the state's directory; `onGroup()` is called when somebody wants a group. */
  constructor(store, finder, onGroup) {
    this.#store = store;
    this.#onGroup = onGroup;
    this.#finder = finder;
  }

  open() {
    if (this.#close) return;
    const field = element('input', {
      type: 'search', dir: 'auto', placeholder: 'Find people by name or username', 'aria-label': 'Find people by name or username',
      autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 64, autofocus: true,
      oninput: () => this.#finder.findSoon(field.value.trim()),
      onkeydown: (event) => {
        if (event.key === 'ArrowDown' && roving.enter()) event.preventDefault();
        if (event.key === 'Enter') this.#list.querySelector('a')?.click();
      },
    });
    this.#list = element('ul', { class: 'list', 'aria-label': 'People' });
    this.#rest = element('div', { class: 'dialog-rest' });
    const scroller = element('div', { class: 'dialog-list' }, this.#list, this.#rest);
    const roving = new Roving(this.#list, 'a.item', { onLeave: () => field.focus() });
    scroller.addEventListener('click', (event) => {
      if (event.target.closest('button')) this.#finder.more();
      // The page goes there; the focus belongs into the conversation, not to where it was.
      else if (event.target.closest('a') && !event.ctrlKey && !event.metaKey && !event.shiftKey) queueMicrotask(this.#close);
    });
    this.#close = openDialog({
      title: 'New chat',
      name: 'new-chat-dialog',
      body: [element('div', { class: 'search-field' }, icon('search'), field),
        element('button', {
          class: 'button tinted small new-group', type: 'button', onclick: () => {
            this.#close();
            this.#onGroup();
          },
        }, icon('people'), 'New group'), scroller],
      onClosed: () => {
        this.#finder.stop();
        this.#close = null;
        // Whoever opens it again wants everybody.
        if (this.#store.state.people.directory.text) this.#finder.find('');
      },
    });
    this.#drawn = null;
    if (!this.#store.state.people.directory.loaded) this.#finder.find('');
    this.draw(this.#store.state);
  }

  draw({ people: { directory }, me }) {
    if (!this.#close || this.#drawn === directory) return;
    this.#drawn = directory;
    const people = directory.users.filter(({ id }) => id !== me.id);
    drawPeople(this.#list, people);
    this.#rest.replaceChildren(...[
      !directory.loaded && skeletons(5),
      directory.loaded && people.length === 0 && (directory.text ? nobodyCalled(directory.text) : nobody()),
      directory.next && element('p', { class: 'more' },
        element('button', { class: 'button quiet', type: 'button' }, 'More people')),
    ].filter(Boolean));
  }
}

const nobody = () => element('p', { class: 'list-note' },
  'Nobody is listed here. Search for a username, or tell somebody the address of this page.');
