// What makes the chat open without a connection. Loaded when the page has come to rest, or by the shell at once.
import '../main.js';
import { Keeper } from './keeper.js';
import { restorePage } from './restore.js';
import { registerWorker } from './worker.js';

export const restore = restorePage;

/** Keeps what the tab shows from now on. */
export function keep(store) {
  registerWorker().catch(() => undefined);
  return new Keeper(store);
}
