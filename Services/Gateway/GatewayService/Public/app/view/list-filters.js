// What of the list is shown: all of it, what is unread, or what is archived.
import { hasArchived, unreadConversations } from '../list.js';
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
    const count = unreadConversations(state);
    this.#nav.querySelector('[data-show="archived"]').hidden = list.show !== 'archived' && !hasArchived(state);
    for (const chip of this.#nav.children) {
      if (chip.dataset.show === list.show) chip.setAttribute('aria-current', 'true');
      else chip.removeAttribute('aria-current');
    }
    const chip = this.#nav.querySelector('[data-show="unread"]');
    const words = count > 0 ? ['Unread ', element('span', { class: 'count' }, String(count))] : ['Unread'];
    if (chip.textContent.trim() !== `Unread ${count || ''}`.trim()) chip.replaceChildren(...words);
  }
}
