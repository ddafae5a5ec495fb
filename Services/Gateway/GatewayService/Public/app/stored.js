// What browsers keep, or refuse to keep.

/** What `work` answers, which reads or writes what browsers keep; null where the browser refuses to keep anything. */
export function stored(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** A value that localStorage holds as JSON, or the page if the browser keeps nothing; an empty object before it is written. */
export class StoredValue {
  #key;
  #unstored = {};

  constructor(key) {
    this.#key = key;
  }

  read() {
    return stored(() => JSON.parse(localStorage.getItem(this.#key))) ?? this.#unstored;
  }

  write(value) {
    this.#unstored = value;
    stored(() => localStorage.setItem(this.#key, JSON.stringify(value)));
  }
}
