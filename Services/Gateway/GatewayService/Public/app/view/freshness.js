// The line that says whether the page shows everything there is.
import { freshness, unreadTotal } from '../state.js';

const words = {
  live: 'Up to date',
  'catching-up': 'Catching up…',
  offline: 'Offline. What you write is kept and sent later.',
};

export class Freshness {
  #line = document.getElementById('freshness');
  #words = this.#line.querySelector('.words');
  #title = document.title;
  #pending = null;

  draw(state) {
    const now = freshness(state);
    // A sync of a tenth of a second is not worth a word.
    clearTimeout(this.#pending);
    if (now === 'catching-up' && this.#line.dataset.state === 'live') {
      this.#pending = setTimeout(() => this.#show(now), 400);
    } else {
      this.#show(now);
    }
    const unread = unreadTotal(state);
    document.title = unread > 0 ? `(${unread}) ${this.#title}` : this.#title;
  }

  #show(state) {
    if (this.#line.dataset.state === state) return;
    this.#line.dataset.state = state;
    this.#words.textContent = words[state];
  }
}
