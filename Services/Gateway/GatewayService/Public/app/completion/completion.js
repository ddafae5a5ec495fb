// Completes what somebody begins to write in a text field. The focus stays in the text; the list above it is one of
// suggestions. What is completed is said by a source, see `completeIn`.
import { element } from '../view/dom.js';
import { insert } from '../view/insert.js';

const most = 8;
const gap = 6;
// The height of one suggestion at most, in pixels.
const optionHeight = 46;

/**
 * Completes in `field` from now on, and what stands there already as well. `source` has a `name` for ids, a `label` for screen
 * readers, and:
 * - `placeBefore(text, caret)`: what is begun there, `{ from, name, isClosed }`, or null; `isClosed` if it is whole,
 * - `find(place, most)`: resolves with what may be meant,
 * - `whole(place)`: resolves with what a whole one means, or with undefined,
 * - `option(entry, place)`: how a suggestion looks, `{ label, content }`,
 * - `choose(entry)`: answers the text that takes the place of what was begun.
 */
export function completeIn(field, source) {
  return new Completion(field, source).consider();
}

class Completion {
  #field;
  #source;
  #list;
  #popover;
  #entries = [];
  #chosen = 0;
  #place = null;
  /** Where a list was closed by Escape: it stays closed until another name is begun. */
  #dismissed = null;

  constructor(field, source) {
    this.#field = field;
    this.#source = source;
    this.#list = element('ul', { class: 'completion-options', role: 'listbox', id: `${source.name}-options`, 'aria-label': source.label });
    this.#popover = element('div', { class: 'completion', popover: 'manual' }, this.#list);
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
    const place = selectionStart === selectionEnd ? this.#source.placeBefore(value, selectionStart) : null;
    if (!place || (!place.isClosed && this.#dismissed === place.from)) {
      if (!place) this.#dismissed = null;
      this.#close();
      return;
    }
    const found = place.isClosed ? [] : await this.#source.find(place, this.#room);
    const whole = place.isClosed ? await this.#source.whole(place) : undefined;
    // Somebody may have gone on while it was looked for.
    if (this.#field.value !== value || this.#field.selectionStart !== selectionStart || document.activeElement !== this.#field) return;
    if (place.isClosed) {
      this.#close();
      if (whole) this.#replace(whole, place.from, '');
    } else {
      this.#dismissed = null;
      this.#open(place, found);
    }
  }

  get #room() {
    const room = Math.floor(this.#field.getBoundingClientRect().top / optionHeight);
    return Math.min(Math.max(room, 2), most);
  }

  #open(place, entries) {
    this.#entries = entries;
    if (entries.length === 0) return this.#close();
    this.#place = place;
    this.#list.replaceChildren(...entries.map((entry, index) => {
      const { label, content } = this.#source.option(entry, place);
      return element('li', {
        class: 'option', role: 'option', id: this.#idOf(index), 'data-index': index, 'aria-selected': 'false', 'aria-label': label,
      }, ...content);
    }));
    if (!this.#popover.isConnected) this.#field.form.append(this.#popover);
    if (!this.#isOpen) this.#popover.showPopover?.();
    this.#field.setAttribute('aria-controls', this.#list.id);
    this.#mark(0);
    return this.#align();
  }

  get #isOpen() {
    return this.#popover.isConnected && this.#popover.matches(':popover-open');
  }

  #idOf(index) {
    return `${this.#source.name}-option-${index}`;
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
    this.#field.setAttribute('aria-activedescendant', this.#idOf(index));
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
    if (!act[event.key]) {
      this.#close();
      return;
    }
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
    insert(this.#field, this.#source.choose(entry) + behind, from, this.#field.selectionStart);
  }
}

/** A name with the part in bold that was typed; `at` is where it stands in the name. */
export function marked(name, length, at) {
  if (at < 0) return [name];
  return [name.slice(0, at), element('b', {}, name.slice(at, at + length)), name.slice(at + length)];
}
