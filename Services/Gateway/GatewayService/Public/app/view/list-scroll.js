// Keeps the place in the list: while a conversation covers it, while a search replaces it, and when the page is loaded again.
import { stored } from '../stored.js';

const key = 'martlet-list-scroll';

export class ListScroll {
  #scroller = document.getElementById('lists');
  #place = 0;
  #searching = false;

  constructor() {
    this.#place = kept();
    this.#scroller.addEventListener('scroll', () => {
      // What is not shown has no place, and says that it is at its beginning.
      if (!this.#searching && this.#scroller.clientHeight > 0) this.#place = this.#scroller.scrollTop;
    }, { passive: true });
    new ResizeObserver(() => this.#restore()).observe(this.#scroller);
    addEventListener('pagehide', () => keep(this.#place));
  }

  draw({ list, listed }) {
    const searching = Boolean(list.text);
    if (listed && searching !== this.#searching) {
      this.#searching = searching;
      if (searching) this.#scroller.scrollTop = 0;
      else this.#restore();
    }
  }

  #restore() {
    if (!this.#searching && this.#scroller.clientHeight > 0) this.#scroller.scrollTop = this.#place;
  }
}

function kept() {
  return Number(stored(() => sessionStorage.getItem(key))) || 0;
}

function keep(place) {
  stored(() => sessionStorage.setItem(key, String(Math.round(place))));
}
