// What scrolls: where it stands, where it is to go, and what must not move meanwhile.

const nearEnd = 60;
// Of what one is led to, this much is left above it for what came before.
const context = 72;

export class ScrollPane {
  #element;
  #list;
  /** Where its upper edge was. */
  #top = null;

  /** `element` scrolls and holds the `list`. `onResize()` is called when its height changed; what was in sight stays put. */
  constructor(element, list, onResize) {
    this.#element = element;
    this.#list = list;
    new ResizeObserver(() => {
      // A line that appears above takes its room from the upper edge, the composer from the lower one.
      const { top } = element.getBoundingClientRect();
      if (this.#top !== null) element.scrollTop += top - this.#top;
      this.#top = top;
      onResize();
    }).observe(element);
  }

  get end() {
    return this.#element.scrollHeight - this.#element.clientHeight;
  }

  get isAtEnd() {
    return this.end - this.#element.scrollTop < nearEnd;
  }

  /** How far it is to the upper and to the lower end. */
  get room() {
    return { above: this.#element.scrollTop, below: this.end - this.#element.scrollTop };
  }

  /** Goes to a place. Far ways are not scrolled: what flies past was not on the screen. */
  goTo(top, behavior = 'instant') {
    const isFar = Math.abs(top - this.#element.scrollTop) > 1.5 * this.#element.clientHeight;
    const calm = isFar || matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#element.scrollTo({ top, behavior: calm ? 'instant' : behavior });
    return this.end - top < nearEnd;
  }

  /** Where to go so that an element begins a little below the upper edge. */
  placeOf(item) {
    return item.offsetTop - context;
  }

  /** Where to go so that an element is in the middle. */
  middleOf(item) {
    return Math.max(0, item.offsetTop - Math.max(context, (this.#element.clientHeight - item.offsetHeight) / 2));
  }

  /** A message in sight and where it is on the screen, to find out how far a drawing moved what is being read. */
  anchor() {
    const { top } = this.#element.getBoundingClientRect();
    const message = this.#messages().find((each) => each.getBoundingClientRect().bottom > top);
    if (!message) return null;
    const { key, seq } = message.dataset;
    return { key, seq: Number(seq), top: message.getBoundingClientRect().top - top };
  }

  /** Whatever was put before the anchor, or taken away, must not move what is being read. */
  hold(anchor) {
    const message = anchor && this.#messages().find((each) => each.dataset.key === anchor.key);
    if (!message) return;
    const { top } = this.#element.getBoundingClientRect();
    const moved = message.getBoundingClientRect().top - top - anchor.top;
    if (Math.abs(moved) >= 0.5) this.#element.scrollTop += moved;
  }

  /** The numbers of the first message that ends below the upper edge and the last one of which half is in sight. */
  inSight() {
    const { top, bottom } = this.#element.getBoundingClientRect();
    const stored = this.#messages().filter(({ dataset }) => dataset.seq);
    const boxes = stored.map((each) => each.getBoundingClientRect());
    const seq = (index) => (index < 0 ? null : Number(stored[index].dataset.seq));
    return {
      first: seq(boxes.findIndex((box) => box.bottom > top)),
      last: seq(boxes.findLastIndex((box) => box.top + box.height / 2 <= bottom)),
    };
  }

  /** Of the days that stay at the upper edge, only the latest is to be seen. */
  drawDays() {
    const edge = this.#element.getBoundingClientRect().top + 16;
    const days = [...this.#list.querySelectorAll('.day')];
    const current = days.findLastIndex((day) => day.getBoundingClientRect().top <= edge);
    days.forEach((day, index) => day.classList.toggle('passed', index < current));
  }

  #messages() {
    return [...this.#list.querySelectorAll(':scope > .message')];
  }
}
