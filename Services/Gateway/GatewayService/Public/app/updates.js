// What the page does when the server has another release than the one that the page is of.
import { assetAddress } from './assets.js';
import { stored } from './stored.js';
import { element, icon } from './view/dom.js';

const key = 'martlet-releases';
// Gateways of two releases may answer during an update. A tab that left one of them hears of it no more for so long, and
// reloads by itself no more often than this.
const settling = 600_000;

export class Updates {
  #own = /\/assets\/([^/]+)\//u.exec(assetAddress(''))[1];
  #isBusy;
  #note = null;
  #timer = null;
  #told = null;

  /** `isBusy()` tells whether a reload would disturb somebody, or lose something. */
  constructor(isBusy) {
    this.#isBusy = isBusy;
    document.addEventListener('visibilitychange', () => this.#reloadUnseen());
  }

  /** The server says which release it has. */
  heard(version) {
    clearTimeout(this.#timer);
    this.#told = version;
    if (version === this.#own) {
      this.#note?.remove();
      this.#note = null;
      return;
    }
    const left = leftAt(version) + settling - Date.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.heard(this.#told), left);
      return;
    }
    this.#show();
    this.#reloadUnseen();
  }

  #show() {
    if (this.#note) return;
    this.#note = element('div', { class: 'callout side-note', id: 'update-note' }, icon('info'),
      element('div', { class: 'words' },
        element('p', { role: 'status' }, 'Martlet was updated. What you are writing is kept.'),
        element('p', { class: 'buttons' },
          element('button', { class: 'button tinted small', type: 'button', onclick: () => this.#reload() }, 'Reload'))));
    document.querySelector('.account').before(this.#note);
  }

  /** In a tab that nobody sees, at a moment at which nothing is being done. */
  #reloadUnseen() {
    if (!this.#note || !document.hidden || this.#isBusy() || Date.now() - lastReload() < settling) return;
    // Without a memory it might do so again and again.
    if (remember(this.#own)) location.reload();
  }

  #reload() {
    remember(this.#own);
    location.reload();
  }
}

const leftAt = (version) => releases()[version] ?? -Infinity;
const lastReload = () => Math.max(-Infinity, ...Object.values(releases()));

/** Notes that this tab leaves a release; answers whether the browser kept that. */
function remember(version) {
  const recent = Object.entries(releases()).filter(([, at]) => Date.now() - at < settling);
  return stored(() => {
    sessionStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(recent), [version]: Date.now() }));
    return true;
  }) ?? false;
}

/** When this tab left which releases. */
function releases() {
  return stored(() => JSON.parse(sessionStorage.getItem(key))) ?? {};
}
