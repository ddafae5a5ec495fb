// Which rows of a long list are in the page: those in sight and some around them. All rows are of one height, so padding
// stands for the others.

const fewRows = 120;
const around = 16;
const step = 8;
const margin = 4;

export class ListWindow {
  #scroller;
  #list;
  #shown = { from: 0, to: 0 };
  #count = 0;
  #height = 64;

  /** `onMoved()` is called when other rows should be in the page. */
  constructor(scroller, list, onMoved) {
    this.#scroller = scroller;
    this.#list = list;
    const consider = () => {
      const { from, to } = this.range(this.#count);
      if (from !== this.#shown.from || to !== this.#shown.to) onMoved();
    };
    scroller.addEventListener('scroll', consider, { passive: true });
    new ResizeObserver(consider).observe(scroller);
  }

  /** The rows of `count` that belong into the page, the last one excluded: `{ from, to }`. */
  range(count) {
    if (count <= fewRows) return { from: 0, to: count };
    // What is not shown has no place; the rows stay those of the place where it was.
    if (this.#scroller.clientHeight === 0) {
      const to = Math.min(count, Math.max(this.#shown.to, fewRows));
      return { from: Math.min(this.#shown.from, to), to };
    }
    const height = this.#rowHeight();
    const above = this.#scroller.scrollTop - this.#list.offsetTop;
    const first = Math.floor(above / height / step) * step - around;
    const inSight = Math.ceil(this.#scroller.clientHeight / height / step) * step;
    const from = Math.max(0, Math.min(first, count - inSight - around));
    return { from, to: Math.min(count, from + inSight + step + 2 * around) };
  }

  /** Makes room for the rows that are not in the page, and says which ones are. */
  show({ from, to }, count) {
    this.#shown = { from, to };
    this.#count = count;
    const isWhole = from === 0 && to === count;
    const height = isWhole ? 0 : this.#rowHeight();
    this.#list.style.paddingBlock = isWhole ? '' : `${from * height}px ${(count - to) * height}px`;
    [...this.#list.children].forEach((row, index) => {
      if (isWhole) {
        row.removeAttribute('aria-posinset');
        row.removeAttribute('aria-setsize');
      } else {
        row.setAttribute('aria-posinset', from + index + 1);
        row.setAttribute('aria-setsize', count);
      }
    });
  }

  /** Scrolls as little as brings a row into sight. */
  reveal(index) {
    const { clientHeight, scrollTop } = this.#scroller;
    const height = this.#rowHeight();
    const top = this.#list.offsetTop + index * height;
    if (top < scrollTop) this.#scroller.scrollTop = top - margin;
    else if (top + height > scrollTop + clientHeight) this.#scroller.scrollTop = top + height - clientHeight + margin;
  }

  #rowHeight() {
    const [one, other] = this.#list.children;
    if (one && other) this.#height = other.offsetTop - one.offsetTop || this.#height;
    return this.#height;
  }
}
