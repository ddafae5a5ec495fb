// Which messages were on the screen of a tab that somebody looks at. Only what was seen so counts as read.

/** Whether this tab is in front of somebody: visible, and with the focus. */
export const isAttended = () => document.visibilityState === 'visible' && document.hasFocus();

// Steps of a twentieth: also of a message that is many screens long, some step comes when half the screen is full of it.
const steps = Array.from({ length: 21 }, (_, index) => index / 20);

export class Sight {
  #observer;
  #onSeen;
  #onScreen = new Set();
  #seen = new Set();
  #ended = new AbortController();

  /** `root` is what scrolls; `onSeen()` is called when there is more that was seen. */
  constructor(root, onSeen) {
    this.#onSeen = onSeen;
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), { root, threshold: steps });
    const { signal } = this.#ended;
    for (const target of [window, document]) {
      for (const name of ['focus', 'visibilitychange', 'pageshow']) {
        target.addEventListener(name, () => this.#look(), { signal });
      }
    }
  }

  /** Watches the element of a message. */
  watch(element) {
    this.#observer.observe(element);
  }

  /** Whether a message was seen. */
  has(seq) {
    return this.#seen.has(seq);
  }

  end() {
    this.#observer.disconnect();
    this.#ended.abort();
  }

  #moved(entries) {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of entries) {
      const enough = isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height >= rootBounds.height / 2);
      if (enough) this.#onScreen.add(target);
      else this.#onScreen.delete(target);
    }
    this.#look();
  }

  #look() {
    if (!isAttended()) return;
    const before = this.#seen.size;
    for (const element of this.#onScreen) {
      if (element.isConnected) this.#seen.add(Number(element.dataset.seq));
    }
    if (this.#seen.size > before) this.#onSeen();
  }
}
