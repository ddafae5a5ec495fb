// The way to the dialogs, which are not loaded with the page.
import { laterModule } from '../assets.js';
import { toast } from './toast.js';

export class Dialogs {
  #load = laterModule('app/dialogs/main.js', 'style/dialogs/main.css');
  #parts;
  #started = null;

  /** `parts` is what `start` of the loaded script is given. */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Opens one of them: "new-chat", "switcher" or "shortcuts". */
  async open(name) {
    try {
      await this.warm();
    } catch {
      toast('This could not be loaded. Try again when there is a connection.');
      return;
    }
    this.#started.open[name]();
  }

  /** Loads them, so that they open at once. */
  async warm() {
    const { start } = await this.#load();
    this.#started ??= start(this.#parts);
  }

  draw(state) {
    this.#started?.draw(state);
  }
}
