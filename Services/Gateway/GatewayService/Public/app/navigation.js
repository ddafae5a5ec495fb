// Moves between conversations without loading a page, while every address keeps working as a page of its own.
import { api } from './api.js';
import { delayBefore, pause } from './backoff.js';
import { partner, pathTo } from './selectors.js';
import { isPlainClick } from './view/dom.js';

// The longest pause that there is: the connection's return ends it.
const farOff = 2 ** 31 - 1;

export class Navigation {
  #store;
  #onSignedOut;
  #turn = 0;
  #divider;

  /** `divider` is what the server's page shows of the line before what is new: `{ path, after, count }` or null. */
  constructor(store, onSignedOut, divider) {
    this.#store = store;
    this.#onSignedOut = onSignedOut;
    this.#divider = divider;
    addEventListener('popstate', () => this.follow(location.pathname));
    document.addEventListener('click', (event) => this.#onClick(event));
  }

  /** Shows what an address names. */
  follow(path) {
    // Behind the name: the address of a form that was refused, which nobody wants to load again.
    const match = /^(\/(?:chatwithme|g)\/[^/]+)(\/messages\/.+)?$/.exec(path);
    if (match?.[2]) history.replaceState(null, '', match[1]);
    if (match) return this.#open(match[1]);
    this.#turn += 1;
    this.#store.dispatch({ type: 'conversation-left' });
    return undefined;
  }

  /** Goes to an address of this page. */
  go(path) {
    if (path !== location.pathname) history.pushState(null, '', path);
    return this.follow(path);
  }

  #onClick(event) {
    const link = event.target.closest?.('a[href]');
    if (!link || !isPlainClick(event) || event.defaultPrevented || link.target || link.origin !== location.origin) return;
    if (!/^\/(chatwith(me\/[^/]+)?|g\/[^/]+)$/.test(link.pathname) || link.search) return;
    event.preventDefault();
    this.go(link.pathname);
  }

  async #open(path) {
    const turn = this.#turn += 1;
    const isCurrent = () => turn === this.#turn;
    this.#store.dispatch({ type: 'conversation-opening', path });
    try {
      const id = this.#known(path) ?? await this.#create(path);
      if (!isCurrent()) return;
      const divider = this.#divider?.path.toLowerCase() === path.toLowerCase() ? this.#divider : null;
      this.#divider = null;
      this.#store.dispatch({ type: 'conversation-selected', conversation: id, divider });
      for (let attempt = 1; isCurrent() && !this.#store.state.conversations[id].loaded; attempt += 1) {
        try {
          this.#store.dispatch({ type: 'page-loaded', conversation: id, page: await api.history(id) });
        } catch (error) {
          // Messages that cannot be had just now are not on this device, and the pane says so; where there are none yet, one
          // can write all the same.
          const isAway = error.status === 0 && (attempt > 2 || !navigator.onLine);
          if (!error.isTransient || (isAway && this.#store.state.conversations[id].lastMessage)) throw error;
          await pause(delayBefore(attempt, { atLeast: error.retryAfter }));
        }
      }
    } catch (error) {
      if (error.isSignedOut) this.#onSignedOut();
      else if (isCurrent()) {
        this.#store.dispatch({ type: 'opening-failed', problem: { path, message: error.message, status: error.status } });
        if (!error.isTransient) return;
        await pause(navigator.onLine ? delayBefore(4, { atLeast: error.retryAfter }) : farOff);
        if (isCurrent()) this.#open(path);
      }
    }
  }

  #known(path) {
    const { state } = this.#store;
    const wanted = path.toLowerCase();
    return Object.values(state.conversations)
      .find((each) => !each.isLeft && pathTo(partner(state, each)).toLowerCase() === wanted)?.id;
  }

  async #create(path) {
    const [, kind, encoded] = path.split('/');
    const name = decodeURIComponent(encoded);
    if (kind === 'g') {
      const conversation = await api.conversation(name);
      this.#store.dispatch({ type: 'conversation-described', conversation });
      return conversation.id;
    }
    const [conversation, user] = await Promise.all([api.open(name), api.user(name)]);
    this.#store.dispatch({ type: 'conversation-described', conversation, users: { [user.id]: user } });
    return conversation.id;
  }
}
