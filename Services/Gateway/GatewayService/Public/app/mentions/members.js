// Who is in a group beside this user, as accounts. They are asked for when they are first wanted, and again once they changed.
import { groupApi } from '../group-api.js';

export class Members {
  #store;
  #id;
  #version = null;
  #loading = null;

  constructor(store, id) {
    this.#store = store;
    this.#id = id;
  }

  /** Resolves with none while they cannot be had. */
  async all() {
    const version = this.#store.state.conversations[this.#id]?.group?.version;
    if (version !== this.#version) {
      this.#version = version;
      this.#loading = this.#load();
    }
    try {
      return await this.#loading;
    } catch {
      this.#version = null;
      return [];
    }
  }

  async #load() {
    const users = [];
    let after;
    do {
      const page = await groupApi.members(this.#id, after);
      users.push(...page.members.map(({ user }) => page.users[user]).filter(Boolean));
      after = page.next;
    } while (after);
    return users.filter(({ id }) => id !== this.#store.state.me.id);
  }
}
