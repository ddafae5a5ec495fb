// The line that says whether the page shows everything there is.
import { freshness, unreadTotal } from '../state.js';

const words = {
  live: 'Up to date',
  'catching-up': 'Catching up…',
  offline: 'Offline. What you write is kept and sent later.',
};

export class Freshness {
  #shown = 'static';
  #title = document.title;
  #pending = null;

  draw(state) {
    const now = freshness(state);
    // A sync of a tenth of a second is not worth a word.
    clearTimeout(this.#pending);
    if (now === 'catching-up' && this.#shown === 'live') {
      this.#pending = setTimeout(() => this.#show(now), 400);
      this.#show('live');
    } else {
      this.#show(now);
    }
    const unread = unreadTotal(state);
    document.title = unread > 0 ? `(${unread}) ${this.#title}` : this.#title;
  }

  /** There is one line in the sidebar and, for phones, which show no sidebar beside a conversation, one in the pane. */
  #show(state) {
    this.#shown = state;
    for (const line of document.querySelectorAll('.freshness')) {
      if (line.dataset.state === state) continue;
      line.dataset.state = state;
      line.querySelector('.words').textContent = words[state];
    }
  }
}
