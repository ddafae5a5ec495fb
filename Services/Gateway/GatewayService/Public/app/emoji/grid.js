// Sections of emoji below each other, in rows. Only the rows near what is in sight are in the page. One emoji is in the order
// of tabs, and arrows lead from it to the others, across sections as well.
import { element } from '../view/dom.js';

// So many pixels above and below what is in sight have their rows as well.
const margin = 80;

export class EmojiGrid {
  element = element('div', { class: 'emoji-groups' });
  #columns;
  #sections = [];
  /** The heights of a row and of a heading, in pixels. */
  #row = 1;
  #heading = 0;
  #current = { section: 0, index: 0 };
  #handlers;

  /**
   * `handlers` are `label(entry)`, what an entry is drawn as; `isChosen(entry)`; `choose(entry)`; `look(entry)`, called for
   * the one under the pointer or with the focus; `leave()`, called when the focus goes upwards out of the grid; and
   * `scrolled(name)`, called with the section in sight.
   */
  constructor(columns, handlers) {
    this.#columns = columns;
    this.#handlers = handlers;
    this.element.style.setProperty('--columns', columns);
    this.element.addEventListener('click', (event) => this.#at(event.target, (entry) => handlers.choose(entry)));
    this.element.addEventListener('pointerover', (event) => this.#at(event.target, (entry) => handlers.look(entry)));
    this.element.addEventListener('focusin', (event) => this.#at(event.target, (entry, place) => {
      this.#makeCurrent(place);
      handlers.look(entry);
    }));
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('scroll', () => this.#draw(), { passive: true });
  }

  /** Shows `sections`, which are `{ name, entries }`, from their beginning. */
  show(sections) {
    this.#sections = sections.filter(({ entries }) => entries.length > 0).map(({ name, entries }, number) => {
      const count = Math.ceil(entries.length / this.#columns);
      const grid = element('div', {
        class: 'emoji-rows', role: 'grid', 'aria-labelledby': `emoji-section-${number}`, 'aria-rowcount': count,
        'data-section': number,
      });
      grid.style.setProperty('--rows', count);
      const heading = element('h3', { id: `emoji-section-${number}` }, name);
      return { name, entries, count, grid, heading, rows: new Map() };
    });
    this.element.replaceChildren(...this.#sections.flatMap(({ heading, grid }) => [heading, grid]));
    this.element.scrollTop = 0;
    // Measured once, while there is nothing to lay out yet.
    for (const section of this.#sections) section.top = section.grid.offsetTop;
    const [first] = this.#sections;
    if (first) {
      this.#row = first.grid.offsetHeight / first.count;
      this.#heading = first.heading.offsetHeight;
    }
    this.#current = { section: 0, index: 0 };
    this.#draw();
  }

  /** Draws what is in the page anew, where it is. */
  redraw() {
    for (const { grid, rows } of this.#sections) {
      grid.replaceChildren();
      rows.clear();
    }
    this.#draw();
  }

  /** The first entry, or undefined. */
  get first() {
    return this.#sections[0]?.entries[0];
  }

  focus() {
    this.#focus(this.#current);
  }

  /** Leads to the section with a name. */
  reveal(name) {
    const section = this.#sections.find((each) => each.name === name);
    if (!section) return;
    this.element.scrollTop = section.top - this.#heading;
    this.#current = { section: this.#sections.indexOf(section), index: 0 };
    this.#draw();
  }

  #at(target, act) {
    const button = target.closest('button');
    if (!button) return;
    const place = { section: Number(button.closest('.emoji-rows').dataset.section), index: Number(button.dataset.index) };
    act(this.#sections[place.section].entries[place.index], place);
  }

  /** Puts the rows near what is in sight into the page, and takes the others out of it, unless the focus is there. */
  #draw() {
    const { scrollTop, clientHeight } = this.element;
    const focused = document.activeElement.closest('.emoji-row');
    const rowIn = (section, y) => Math.floor((y - section.top) / this.#row);
    for (const section of this.#sections) {
      const first = Math.max(0, rowIn(section, scrollTop - margin));
      const last = Math.min(section.count - 1, rowIn(section, scrollTop + clientHeight + margin));
      for (const [number, row] of section.rows) {
        if ((number >= first && number <= last) || row === focused) continue;
        row.remove();
        section.rows.delete(number);
      }
      for (let number = first; number <= last; number += 1) this.#rowAt(section, number);
    }
    this.#makeCurrent(this.#current);
    const shown = this.#sections.findLast(({ top }) => top - this.#heading <= scrollTop + 4);
    this.#handlers.scrolled((shown ?? this.#sections[0])?.name);
  }

  /** A row of a section, which is made if it is not in the page. */
  #rowAt({ grid, entries, rows }, number) {
    const present = rows.get(number);
    if (present) return present;
    const { label, isChosen } = this.#handlers;
    const start = number * this.#columns;
    const row = element('div', { class: 'emoji-row', role: 'row', 'aria-rowindex': number + 1 },
      ...entries.slice(start, start + this.#columns).map((entry, offset) => element('button', {
        type: 'button', role: 'gridcell', tabindex: -1, 'aria-label': entry.name, 'data-index': start + offset,
        'aria-selected': isChosen(entry) ? 'true' : null,
      }, label(entry))));
    row.style.setProperty('--row', number);
    const next = [...rows.keys()].filter((each) => each > number);
    grid.insertBefore(row, next.length > 0 ? rows.get(Math.min(...next)) : null);
    rows.set(number, row);
    return row;
  }

  #makeCurrent(place) {
    for (const each of this.element.querySelectorAll('[tabindex="0"]')) each.tabIndex = -1;
    this.#current = place;
    const row = this.#sections[place.section]?.rows.get(Math.floor(place.index / this.#columns));
    // What is out of sight is out of the page; the first one that is there takes its place in the order of tabs.
    const button = row?.children[place.index % this.#columns] ?? this.element.querySelector('.emoji-row button');
    if (button) button.tabIndex = 0;
  }

  #focus(place) {
    const section = this.#sections[place.section];
    if (!section) return;
    const row = this.#rowAt(section, Math.floor(place.index / this.#columns));
    row.children[place.index % this.#columns].focus();
  }

  #onKey(event) {
    const isMirrored = getComputedStyle(this.element).direction === 'rtl';
    const { key, ctrlKey } = event;
    const to = {
      ArrowLeft: () => this.#aside(isMirrored ? 1 : -1), ArrowRight: () => this.#aside(isMirrored ? -1 : 1),
      ArrowUp: () => this.#above(), ArrowDown: () => this.#below(),
      Home: () => (ctrlKey ? { section: 0, index: 0 } : this.#inRow(0)),
      End: () => (ctrlKey ? this.#last(this.#sections.length - 1) : this.#inRow(this.#columns - 1)),
    }[key]?.();
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to) this.#focus(to);
    else this.#handlers.leave();
  }

  #aside(step) {
    const { section, index } = this.#current;
    if (index + step >= 0 && index + step < this.#sections[section].entries.length) return { section, index: index + step };
    if (step > 0) return section + 1 < this.#sections.length ? { section: section + 1, index: 0 } : this.#current;
    return section > 0 ? this.#last(section - 1) : this.#current;
  }

  #inRow(column) {
    const { section, index } = this.#current;
    const start = index - (index % this.#columns);
    return { section, index: Math.min(start + column, this.#sections[section].entries.length - 1) };
  }

  #last(section) {
    return { section, index: this.#sections[section].entries.length - 1 };
  }

  /** Null above the first row. */
  #above() {
    const { section, index } = this.#current;
    if (index >= this.#columns) return { section, index: index - this.#columns };
    if (section === 0) return null;
    const { length } = this.#sections[section - 1].entries;
    const lastRow = length - 1 - ((length - 1) % this.#columns);
    return { section: section - 1, index: Math.min(lastRow + (index % this.#columns), length - 1) };
  }

  #below() {
    const { section, index } = this.#current;
    const { length } = this.#sections[section].entries;
    const next = index + this.#columns;
    if (next < length) return { section, index: next };
    // The last row may be shorter.
    if (Math.floor(next / this.#columns) <= Math.floor((length - 1) / this.#columns)) return this.#last(section);
    if (section + 1 === this.#sections.length) return this.#current;
    return { section: section + 1, index: Math.min(index % this.#columns, this.#sections[section + 1].entries.length - 1) };
  }
}
