// What the tabs of a browser have told: the number of the newest message of each conversation that somebody was told of, or
// saw in front of them. It is kept by user in localStorage, so that a message is told once, whichever tab does.
import { toldKey } from '../notice-settings.js';
import { StoredValue } from '../stored.js';

export class Claims {
  #kept;

  constructor(userId) {
    this.#kept = new StoredValue(toldKey(userId));
  }

  /**
   * Claims the newest messages of some conversations, `{ conversation: seq }`. Answers the ids of those that nobody had
   * claimed. `isKept(conversation)` tells which older claims are still of use.
   */
  claim(wanted, isKept) {
    const claims = this.#kept.read();
    const fresh = Object.keys(wanted).filter((id) => wanted[id] > (claims[id] ?? 0));
    if (fresh.length === 0) return fresh;
    const kept = Object.entries(claims).filter(([id]) => isKept(id));
    this.#kept.write({ ...Object.fromEntries(kept), ...Object.fromEntries(fresh.map((id) => [id, wanted[id]])) });
    return fresh;
  }
}
