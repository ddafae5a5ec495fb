// The list and the newest messages of what was opened, kept in IndexedDB for one user: the one who was here last.
import { keptDatabase } from '../kept.js';

// Of another format nothing is read.
const format = 2;
const mostPages = 50;

export class Archive {
  /** What is kept: `{ about, pages }`, or null if there is nothing. */
  static async read() {
    return using('readonly', async (transaction) => {
      const [about, pages] = await Promise.all([
        done(transaction.objectStore('about').get('list')), done(transaction.objectStore('pages').getAll()),
      ]);
      return about?.format === format ? { about, pages } : null;
    });
  }

  /** Keeps the list and some pages of `user`. Whatever is kept of anybody else is deleted. */
  static async write(user, list, pages) {
    await using('readwrite', async (transaction) => {
      const about = transaction.objectStore('about');
      const kept = transaction.objectStore('pages');
      const before = await done(about.get('list'));
      if (before && (before.user !== user || before.format !== format)) kept.clear();
      about.put({ ...list, key: 'list', format, user });
      for (const page of pages) kept.put(page);
      const all = await done(kept.getAll());
      for (const { id } of all.sort((one, other) => other.at - one.at).slice(mostPages)) kept.delete(id);
    });
  }
}

/** Opens the database for one piece of work, so that nobody who wants to delete it has to wait. */
async function using(mode, work) {
  const database = await open();
  try {
    const transaction = database.transaction(['about', 'pages'], mode);
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([work(transaction), ended]);
    return result;
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(keptDatabase, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('about', { keyPath: 'key' });
      opening.result.createObjectStore('pages', { keyPath: 'id' });
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error('blocked'));
  });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
