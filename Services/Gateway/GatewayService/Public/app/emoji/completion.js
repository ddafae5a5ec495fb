// Completes `:names:` of emoji in a text field. The focus stays in the text; the list above it is one of suggestions.
import { element } from '../view/dom.js';
import { insert } from '../view/insert.js';
import { loadCatalogue, search } from './catalogue.js';
import { nameBefore } from './name-before.js';
import { preferences, remember, toned } from './preferences.js';

const most = 8;
const gap = 6;
// The height of one suggestion at most, in pixels.
const optionHeight = 46;

/** Completes names in `field` from now on, what stands there already as well. */
export async function completeNames(field) {
  const completion = new Completion(field, await loadCatalogue());
  completion.consider();
}

class Completion {
  #field;
  #catalogue;
  #list = element('ul', { class: 'emoji-options', role: 'listbox', id: 'emoji-options', 'aria-label': 'Emoji' });
  #popover = element('div', { class: 'completion', popover: 'manual' }, this.#list);
  #entries = [];
  #chosen = 0;
  #place = null;
  /** Where a list was closed by Escape: it stays closed until another name is begun. */
  #dismissed = null;

  constructor(field, catalogue) {
    this.#field = field;
    this.#catalogue = catalogue;
    field.setAttribute('aria-autocomplete', 'list');
    field.addEventListener('input', (event) => !event.isComposing && this.consider());
    field.addEventListener('compositionend', () => this.consider());
    // Before the field's own keys.
    field.addEventListener('keydown', (event) => this.#onKey(event), { capture: true });
    field.addEventListener('blur', () => this.#close());
    field.addEventListener('click', () => this.#close());
    // The list keeps the focus where it is.
    this.#popover.addEventListener('pointerdown', (event) => event.preventDefault());
    this.#list.addEventListener('click', ({ target }) => {
      const option = target.closest('[role="option"]');
      if (option) this.#complete(this.#entries[Number(option.dataset.index)]);
    });
  }

  /** Looks at what stands before the caret: replaces a whole name, suggests for a part of one. */
  async consider() {
    const { selectionStart, selectionEnd, value } = this.#field;
    const place = selectionStart === selectionEnd ? nameBefore(value, selectionStart) : null;
    if (place && this.#catalogue.isIncomplete) this.#catalogue = await loadCatalogue();
    if (this.#field.value !== value) return;
    if (!place || (!place.isClosed && this.#dismissed === place.from)) {
      if (!place) this.#dismissed = null;
      this.#close();
    } else if (place.isClosed) {
      this.#close();
      const entry = this.#catalogue.byName.get(place.name);
      if (entry) this.#replace(entry, place.from, '');
    } else {
      this.#dismissed = null;
      this.#open(place);
    }
  }

  #open(place) {
    const room = Math.floor(this.#field.getBoundingClientRect().top / optionHeight);
    this.#entries = search(this.#catalogue, place.name, Math.min(Math.max(room, 2), most));
    if (this.#entries.length === 0) return this.#close();
    this.#place = place;
    this.#chosen = 0;
    const { tone } = preferences();
    this.#list.replaceChildren(...this.#entries.map((entry, index) => element('li', {
      class: 'option', role: 'option', id: `emoji-option-${index}`, 'data-index': index,
      'aria-selected': String(index === 0), 'aria-label': `${nameFor(entry, place.name)}, ${entry.name}`,
    },
    element('span', { class: 'emoji', 'aria-hidden': 'true' }, toned(entry, tone)),
    element('span', { class: 'name' }, ...marked(nameFor(entry, place.name), place.name)))));
    if (!this.#popover.isConnected) this.#field.form.append(this.#popover);
    if (!this.#isOpen) this.#popover.showPopover?.();
    this.#field.setAttribute('aria-controls', 'emoji-options');
    this.#mark(0);
    return this.#align();
  }

  get #isOpen() {
    return this.#popover.isConnected && this.#popover.matches(':popover-open');
  }

  /** Above the field, from its inner edge on. */
  #align() {
    const field = this.#field.getBoundingClientRect();
    const list = this.#popover.getBoundingClientRect();
    const isMirrored = getComputedStyle(this.#popover).direction === 'rtl';
    const left = isMirrored ? field.right - list.width : field.left;
    this.#popover.style.left = `${Math.max(8, Math.min(left, innerWidth - list.width - 8))}px`;
    this.#popover.style.top = `${Math.max(8, field.top - list.height - gap)}px`;
  }

  #close() {
    if (!this.#place) return;
    this.#place = null;
    this.#popover.remove();
    this.#field.removeAttribute('aria-activedescendant');
    this.#field.removeAttribute('aria-controls');
  }

  #mark(index) {
    this.#chosen = index;
    for (const option of this.#list.children) option.setAttribute('aria-selected', String(Number(option.dataset.index) === index));
    this.#field.setAttribute('aria-activedescendant', `emoji-option-${index}`);
  }

  #onKey(event) {
    if (!this.#place || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { length } = this.#entries;
    const act = {
      ArrowDown: () => this.#mark((this.#chosen + 1) % length),
      ArrowUp: () => this.#mark((this.#chosen + length - 1) % length),
      Enter: () => this.#complete(this.#entries[this.#chosen]),
      Tab: () => this.#complete(this.#entries[this.#chosen]),
      Escape: () => {
        this.#dismissed = this.#place.from;
        this.#close();
      },
      ArrowLeft: null, ArrowRight: null, Home: null, End: null,
    };
    if (!(event.key in act) || event.shiftKey) return;
    // The caret leaves the name.
    if (!act[event.key]) return this.#close();
    event.preventDefault();
    event.stopImmediatePropagation();
    act[event.key]();
  }

  #complete(entry) {
    const { from } = this.#place;
    this.#close();
    const isBeforeSpace = /^\s/.test(this.#field.value.slice(this.#field.selectionStart));
    this.#replace(entry, from, isBeforeSpace ? '' : ' ');
  }

  #replace(entry, from, behind) {
    remember(entry.emoji);
    insert(this.#field, toned(entry) + behind, from, this.#field.selectionStart);
  }
}

/** The name that fits what was typed. */
const nameFor = ({ short, names }, typed) => `:${names.find((each) => each.startsWith(typed)) ?? short}:`;

/** A name with the part in bold that was typed. */
function marked(name, typed) {
  const at = name.indexOf(typed);
  if (at < 0) return [name];
  return [name.slice(0, at), element('b', {}, typed), name.slice(at + typed.length)];
}
