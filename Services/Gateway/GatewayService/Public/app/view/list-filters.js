// What of the list is shown: all of it, what is unread, what mentions this user, what is archived, or strangers' requests.
import { listCount } from '../list.js';
import { element, isDrawn, isPlainClick } from './dom.js';

export class ListFilters {
  #nav = document.getElementById('list-filters');
  #drawn = null;

  constructor(store) {
    const shown = this.#nav.querySelector('[aria-current]')?.dataset.show ?? 'all';
    store.dispatch({ type: 'list-filtered', show: shown });
    document.getElementById('sidebar').addEventListener('click', (event) => {
      const link = event.target.closest('a[data-show]');
      if (!link || !isPlainClick(event)) return;
      event.preventDefault();
      store.dispatch({ type: 'list-filtered', show: link.dataset.show });
      // A button of the list's own goes with the note that it stands in.
      if (!this.#nav.contains(link)) this.#nav.querySelector(`[data-show="${link.dataset.show}"]`).focus();
    });
  }

  draw(state) {
    const { conversations, list, listed, outbox, now } = state;
    const inputs = [conversations, list, outbox, now];
    if (!listed || isDrawn(this.#drawn, inputs)) return;
    this.#drawn = inputs;
    this.#nav.hidden = Boolean(list.text);
    const mentions = this.#count('mentions', 'Mentions', state);
    const requests = this.#count('requests', 'Requests', state);
    this.#count('unread', 'Unread', state);
    const isOffered = { all: true, unread: true, mentions, requests, archived: listCount(state, 'archived') };
    for (const chip of this.#nav.children) {
      chip.hidden = list.show !== chip.dataset.show && !isOffered[chip.dataset.show];
      if (chip.dataset.show === list.show) chip.setAttribute('aria-current', 'true');
      else chip.removeAttribute('aria-current');
    }
  }

  #count(show, name, state) {
    const count = listCount(state, show);
    const chip = this.#nav.querySelector(`[data-show="${show}"]`);
    const words = count > 0 ? [`${name} `, element('span', { class: 'count' }, String(count))] : [name];
    if (chip.textContent.trim() !== `${name} ${count || ''}`.trim()) chip.replaceChildren(...words);
    return count;
  }
}
