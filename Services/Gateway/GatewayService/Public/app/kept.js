// Where what was read is kept in this browser, to be read without a connection.

export const keptDatabase = 'martlet-kept';

/** Deletes it, and the shell beside it. */
export async function forgetKept() {
  const deletion = new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(keptDatabase);
      // If another tab reads just now, it is deleted when that is done.
      for (const name of ['success', 'error', 'blocked']) request.addEventListener(name, resolve);
    } catch {
      // A browser without it keeps nothing.
      resolve();
    }
  });
  // On plain HTTP there are no caches.
  const names = await globalThis.caches?.keys().catch(() => []) ?? [];
  await Promise.all([deletion, ...names.filter((name) => name.startsWith('martlet-')).map((name) => caches.delete(name))]);
}
