import { toast } from './toast.js';

/** What `load()` resolves with; if it cannot be had, the page says so of `what`, and this resolves with undefined. */
export async function loadOrSay(load, what) {
  try {
    return await load();
  } catch {
    toast(`${what} could not be loaded. Try again when there is a connection.`);
    return undefined;
  }
}
