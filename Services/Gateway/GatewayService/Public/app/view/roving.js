// Makes a list one stop for the Tab key. Arrows move the focus inside it, Home and End go to its ends.

const nothing = () => undefined;

export class Roving {
  #container;
  #selector;
  #onEdge;
  #onLeave;
  #onShort;
  #stop = null;

  /**
   * `selector` names the items in `container`. `onEdge(toEnd)` brings the first or last item there, if not all of them are;
   * `onLeave()` is called for an arrow up from the first; `onShort()` brings the items around the last one, if there are more.
   */
  constructor(container, selector, { onEdge = nothing, onLeave = nothing, onShort = nothing } = {}) {
    this.#container = container;
    this.#selector = selector;
    this.#onEdge = onEdge;
    this.#onLeave = onLeave;
    this.#onShort = onShort;
    container.addEventListener('focusin', ({ target }) => this.#rest(target.closest(selector)));
    container.addEventListener('keydown', (event) => this.#onKey(event));
    new MutationObserver(() => this.#settle()).observe(container, { childList: true, subtree: true, attributeFilter: ['aria-current', 'hidden'] });
    this.#settle();
  }

  /** Moves the focus to the first item; answers whether there is one. */
  enter() {
    const [first] = this.#items();
    first?.focus();
    return Boolean(first);
  }

  #items() {
    return [...this.#container.querySelectorAll(this.#selector)].filter((each) => each.checkVisibility());
  }

  /** Keeps exactly one item in the order of tabs: the one with the focus, the current one, or the first. */
  #settle() {
    const items = [...this.#container.querySelectorAll(this.#selector)];
    const focused = items.find((each) => each === document.activeElement);
    const visible = items.filter((each) => each.checkVisibility());
    this.#stop = focused ?? visible.find((each) => each.hasAttribute('aria-current')) ?? visible[0] ?? null;
    for (const each of items) {
      const index = each === this.#stop ? 0 : -1;
      if (each.tabIndex !== index) each.tabIndex = index;
    }
  }

  #rest(item) {
    if (!item || item === this.#stop) return;
    if (this.#stop) this.#stop.tabIndex = -1;
    item.tabIndex = 0;
    this.#stop = item;
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !event.target.matches(this.#selector)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    if (step) {
      const beside = () => {
        const items = this.#items();
        return items[items.indexOf(event.target) + step];
      };
      // Somebody may be faster than the list follows.
      if (!beside()) this.#onShort();
      const item = beside();
      if (item) item.focus();
      else if (step < 0) this.#onLeave();
    } else {
      this.#onEdge(event.key === 'End');
      this.#items().at(event.key === 'End' ? -1 : 0)?.focus();
    }
  }
}
