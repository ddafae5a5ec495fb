// Notifications of the system. A service worker shows them if there is one, because then they outlive the tab, and some
// browsers allow no others.
import { permission } from './permission.js';

export class Desktop {
  #own = new Map();
  #icon;
  #onOpen;

  /** `icon()` answers the address of a picture; `onOpen(path)` is called when somebody chose a notification of this tab. */
  constructor({ icon, onOpen }) {
    this.#icon = icon;
    this.#onOpen = onOpen;
  }

  async show({ tag, title, body, path, conversations }) {
    if (permission() !== 'granted') return;
    const options = {
      tag, body, renotify: true, silent: true, dir: 'auto', icon: await this.#icon(), data: { path, conversations },
    };
    const registration = await registered();
    if (registration) {
      await registration.showNotification(title, options);
      return;
    }
    const shown = new Notification(title, options);
    this.#own.set(tag, shown);
    shown.onclick = () => {
      window.focus();
      shown.close();
      this.#onOpen(path);
    };
    shown.onclose = () => {
      if (this.#own.get(tag) === shown) this.#own.delete(tag);
    };
  }

  /** Closes the notifications that are about conversations of which `isOver(conversation)` is true, and of no others. */
  async close(isOver) {
    const shown = [...this.#own.values(), ...await registered().then((each) => each?.getNotifications() ?? [])];
    for (const each of shown) {
      const about = each.data?.conversations ?? [];
      if (about.length > 0 && about.every(isOver)) each.close();
    }
  }
}

/** The service worker's registration, once that can show something. */
async function registered() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  return registration?.active ? registration : undefined;
}
