// The line that says whether the page shows everything there is.
import { freshness, partner, unreadTotal } from '../state.js';

const words = {
  live: 'Up to date',
  'catching-up': 'Catching up…',
  offline: 'Offline. What you write is kept and sent later.',
};

export class Freshness {
  #shown = 'static';
  #pending = null;

  draw(state) {
    const now = freshness(state);
    // A sync of a tenth of a second is not worth a word.
    if (now === 'catching-up' && this.#shown === 'live') {
      this.#pending ??= setTimeout(() => this.#show('catching-up'), 400);
      this.#show('live');
    } else {
      clearTimeout(this.#pending);
      this.#pending = null;
      this.#show(now);
    }
    const selected = state.conversations[state.selected];
    const title = `${selected ? partner(state, selected).displayName : 'Chats'} · Martlet`;
    const unread = unreadTotal(state);
    document.title = unread > 0 ? `(${unread}) ${title}` : title;
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
