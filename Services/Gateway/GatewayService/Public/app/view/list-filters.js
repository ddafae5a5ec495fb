// What of the list is shown: all of it, what is unread, what mentions this user, strangers' requests, or what is archived.
import { listCount } from '../list.js';
import { element, isDrawn, isPlainClick, reconcile } from './dom.js';

const names = { all: 'All', unread: 'Unread', mentions: 'Mentions', requests: 'Requests', archived: 'Archived' };

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

  /** Those filters that leave nothing are not offered, but for what is unread. */
  draw(state) {
    const { conversations, list, listed, outbox, now } = state;
    const inputs = [conversations, list, outbox, now];
    if (!listed || isDrawn(this.#drawn, inputs)) return;
    this.#drawn = inputs;
    this.#nav.hidden = Boolean(list.text);
    const chips = Object.keys(names)
      .map((show) => ({ show, count: show === 'all' ? 1 : listCount(state, show), isCurrent: show === list.show }))
      .filter(({ show, count, isCurrent }) => isCurrent || count > 0 || show === 'unread');
    reconcile(this.#nav, chips, { key: ({ show }) => show, version: JSON.stringify, make: chip });
  }
}

function chip({ show, count, isCurrent }) {
  const isCounted = count > 0 && show !== 'all' && show !== 'archived';
  return element('a', {
    class: 'chip', href: show === 'all' ? '/chatwith' : `/chatwith?show=${show}`, 'data-show': show, 'aria-current': isCurrent && 'true',
  }, names[show], isCounted && ' ', isCounted && element('span', { class: 'count' }, String(count)));
}
