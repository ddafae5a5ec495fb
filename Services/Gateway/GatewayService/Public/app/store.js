// Holds the state of the tab and tells listeners of its changes.
import { reduce } from './state.js';

export class Store {
  #state;
  #listeners = new Set();

  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /** Applies an event and tells every listener, if it changed anything. */
  dispatch(event) {
    const before = this.#state;
    const after = reduce(before, event);
    if (after === before) return;
    this.#state = after;
    for (const listener of this.#listeners) listener(after, before, event);
  }

  /** Calls `listener(state, before, event)` after every change. */
  subscribe(listener) {
    this.#listeners.add(listener);
  }
}

/** Calls `draw(state)` at most once a frame, also in a tab in the background, where frames do not come. */
export function drawOnChange(store, draw) {
  let scheduled = false;
  const run = () => {
    if (!scheduled) return;
    scheduled = false;
    draw(store.state);
  };
  store.subscribe(() => {
    if (scheduled) return;
    scheduled = true;
    if (document.hidden) setTimeout(run, 50);
    else requestAnimationFrame(run);
  });
  document.addEventListener('visibilitychange', run);
  draw(store.state);
}
