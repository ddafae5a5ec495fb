// The question whether somebody wants notifications: asked once, in the chat, after something came while they were away.
import { isAttended } from '../view/sight.js';
import { element, icon } from '../view/dom.js';
import { askPermission, obstacle } from './permission.js';

export class NoticeHint {
  #settings;
  #element = null;
  #question = null;
  #isDue = false;

  constructor(settings) {
    this.#settings = settings;
    for (const name of ['focus', 'visibilitychange']) addEventListener(name, () => this.#consider());
  }

  /** Something came while nobody was here. */
  offer() {
    this.#isDue = true;
    this.#consider();
  }

  #consider() {
    const { on, asked } = this.#settings.read();
    // Somebody has answered in another tab.
    if (this.#question && (on || asked)) this.#question.remove();
    if (!this.#isDue || this.#element || on || asked || obstacle() || !isAttended()) return;
    this.#show('Be told of new messages while you are elsewhere?', [
      element('button', { class: 'button tinted small', type: 'button', onclick: () => this.#turnOn() }, 'Turn on'),
      element('button', { class: 'button quiet small', type: 'button', onclick: () => this.#answered() }, 'Not now'),
    ]);
    this.#question = this.#element;
  }

  async #turnOn() {
    const answer = await askPermission();
    if (answer === 'default') return;
    this.#settings.change({ on: answer === 'granted' });
    this.#answered();
    if (answer === 'granted') return;
    this.#show(obstacle(answer), [
      element('a', { class: 'button tinted small', href: '/account#notifications' }, 'Settings'),
      element('button', { class: 'button quiet small', type: 'button', onclick: () => this.#element.remove() }, 'Close'),
    ]);
  }

  #answered() {
    this.#settings.change({ asked: true });
    this.#element.remove();
  }

  #show(words, buttons) {
    this.#element = element('div', { class: 'callout side-note', id: 'notice-hint' }, icon('bell'),
      element('div', { class: 'words' }, element('p', { role: 'status' }, words), element('p', { class: 'buttons' }, ...buttons)));
    document.querySelector('.account').before(this.#element);
  }
}
