// Where what was read is kept in this browser, to be read without a connection, and whether somebody wants that.
import { stored } from './stored.js';

export const keptDatabase = 'martlet-kept';
const refusalKey = (userId) => `martlet-keeps-nothing-${userId}`;

/** Whether what a user reads is to be kept in this browser. */
export const isKeepingWanted = (userId) => stored(() => localStorage.getItem(refusalKey(userId))) === null;

/** Says whether it is to be; if not, what is kept is deleted. Other tabs hear of it by what they read next. */
export async function wantKeeping(userId, isWanted) {
  stored(() => (isWanted
    ? localStorage.removeItem(refusalKey(userId)) : localStorage.setItem(refusalKey(userId), 'yes')));
  if (!isWanted) await forgetPages();
}

/** Deletes what is kept, and the shell beside it. Who did not want that will not want it after the next sign-in, either. */
export async function forgetKept() {
  // On plain HTTP there are no caches.
  const names = await globalThis.caches?.keys().catch(() => []) ?? [];
  await Promise.all([
    forgetPages(), ...names.filter((name) => name.startsWith('martlet-')).map((name) => caches.delete(name))]);
}

function forgetPages() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(keptDatabase);
      // If another tab reads just now, it is deleted when that is done.
      for (const name of ['success', 'error', 'blocked']) request.addEventListener(name, resolve);
    } catch {
      // A browser without it keeps nothing.
      resolve();
    }
  });
}
