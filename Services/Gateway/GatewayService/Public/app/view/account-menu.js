// The menu in the corner of one's own account. It opens without a script as well.
import { laterModule } from '../assets.js';
import { openLayer } from './layers.js';

/** Loads what the menu does beyond its links. */
export const loadAccountMenu = laterModule('app/account-menu/main.js');

export class AccountMenu {
  #menu = document.getElementById('account-menu');
  #summary = this.#menu.querySelector('summary');
  #forget = null;

  constructor() {
    this.#menu.addEventListener('toggle', () => {
      this.warm();
      this.#forget?.();
      this.#forget = this.#menu.open ? openLayer(() => this.#close()) : null;
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (this.#menu.open && !this.#menu.contains(target)) this.#menu.open = false;
    });
    this.#menu.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !this.#menu.contains(relatedTarget)) this.#menu.open = false;
    });
    this.#menu.addEventListener('click', ({ target }) => {
      if (target.closest('[data-opens]')) this.#close();
    });
    this.#menu.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Loads what the page did not come with; without it the settings do the same. */
  async warm() {
    const parts = await loadAccountMenu().catch(() => null);
    const menu = this.#menu.querySelector('.menu');
    if (parts && !menu.querySelector('.theme-switch')) parts.addThemeSwitch(menu);
  }

  #close() {
    this.#menu.open = false;
    this.#summary.focus();
  }

  #onKey(event) {
    const { target } = event;
    // The browser tells late that the menu is open, and only then it is a layer.
    if (event.key === 'Escape' && this.#menu.open) {
      event.preventDefault();
      this.#close();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || target.matches('input')) return;
    event.preventDefault();
    this.#menu.open = true;
    const items = [...this.#menu.querySelectorAll('.menu-item')].filter((each) => each.checkVisibility());
    const from = items.indexOf(document.activeElement);
    const to = from < 0 && step < 0 ? items.length - 1 : (from + step + items.length) % items.length;
    items[to].focus();
  }
}
