// Messages and changes that are not yet known to be stored by the server, kept in IndexedDB: they survive a reload, a crash
// and a closed laptop. If the browser refuses IndexedDB, they are kept in memory, and `durable` is false.

const databaseName = 'martlet';
const storeName = 'outbox';

export class OutboxStore {
  #database;
  #memory = new Map();
  #userId;

  constructor(database, userId) {
    this.#database = database;
    this.#userId = userId;
  }

  /** Opens the store of one user; another user's messages in the same browser are neither shown nor sent. */
  static async open(userId) {
    return new OutboxStore(await openDatabase().catch(() => null), userId);
  }

  get durable() {
    return this.#database !== null;
  }

  /** Whether something is kept only as long as the page lives. */
  get holdsInMemory() {
    return this.#memory.size > 0;
  }

  /** Everything kept in the order of writing. */
  async all() {
    const kept = this.#database ? await done(this.#objects('readonly').getAll()) : [];
    return [...this.#memory.values(), ...kept.filter((item) => !this.#memory.has(item.clientMessageId))]
      .filter((item) => item.user === this.#userId)
      .sort((one, other) => one.order - other.order);
  }

  /** Keeps an item; resolves when it is on disk. If the disk refuses it, it is kept as long as the page lives. */
  async put(item) {
    const kept = { ...item, user: this.#userId };
    if (!this.#database) {
      this.#memory.set(item.clientMessageId, kept);
      return;
    }
    try {
      const objects = this.#objects('readwrite');
      objects.put(kept);
      await committed(objects.transaction);
      this.#memory.delete(item.clientMessageId);
    } catch (error) {
      this.#memory.set(item.clientMessageId, kept);
      throw error;
    }
  }

  /**
   * Replaces one by what `work(item)` answers, or forgets it if that is null, in one transaction. Resolves with what is kept
   * then; undefined if it was not there.
   */
  async change(clientMessageId, work) {
    if (this.#memory.has(clientMessageId)) {
      const item = work(this.#memory.get(clientMessageId));
      if (item) this.#memory.set(clientMessageId, item);
      else await this.remove(clientMessageId);
      return item;
    }
    if (!this.#database) return undefined;
    const objects = this.#objects('readwrite');
    let item;
    objects.get(clientMessageId).onsuccess = ({ target: { result } }) => {
      if (!result) return;
      item = work(result);
      if (item) objects.put(item);
      else objects.delete(clientMessageId);
    };
    await committed(objects.transaction);
    return item;
  }

  /** Forgets some and keeps others as they are now, all in one transaction. */
  async replace(forgotten, items) {
    for (const clientMessageId of forgotten) this.#memory.delete(clientMessageId);
    for (const item of items) if (this.#memory.has(item.clientMessageId)) this.#memory.set(item.clientMessageId, item);
    if (!this.#database) return;
    const objects = this.#objects('readwrite');
    for (const clientMessageId of forgotten) objects.delete(clientMessageId);
    for (const item of items) if (!this.#memory.has(item.clientMessageId)) objects.put(item);
    await committed(objects.transaction);
  }

  async remove(clientMessageId) {
    this.#memory.delete(clientMessageId);
    if (!this.#database) return;
    const objects = this.#objects('readwrite');
    objects.delete(clientMessageId);
    await committed(objects.transaction);
  }

  /** How many items are kept and would be lost with the store. */
  async count() {
    return (await this.all()).length;
  }

  /** Forgets everything of this user. */
  async clear() {
    for (const { clientMessageId } of await this.all()) await this.remove(clientMessageId);
  }

  #objects(mode) {
    return this.#database.transaction(storeName, mode, { durability: 'strict' }).objectStore(storeName);
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(databaseName, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(storeName, { keyPath: 'clientMessageId' });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error('blocked'));
  });
}

function done(operation) {
  return new Promise((resolve, reject) => {
    operation.onsuccess = () => resolve(operation.result);
    operation.onerror = () => reject(operation.error);
  });
}

function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
