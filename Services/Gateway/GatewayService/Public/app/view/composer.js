// Where messages are written. Enter sends, Shift and Enter make a new line. What is unfinished is kept as a draft.
import { characters } from '../format.js';
import { element, icon } from './dom.js';

const characterLimit = 4_000;
const byteLimit = 16_384;
const encoder = new TextEncoder();

export class Composer {
  #outbox;
  #conversation;
  #draftKey;
  #text;
  #send;
  #count;
  #problem;
  #rendered;

  constructor(outbox, conversation, other, userId, rendered, durable) {
    this.#outbox = outbox;
    this.#conversation = conversation;
    this.#draftKey = `martlet-draft-${userId}-${conversation}`;
    this.#text = element('textarea', {
      id: 'text', name: 'text', rows: 1, placeholder: 'Write a message', enterkeyhint: 'send',
      'aria-label': `Message to ${other.displayName}`, 'aria-describedby': 'composer-problem',
    });
    this.#send = element('button', { class: 'button primary send', type: 'submit' },
      element('span', { class: 'send-words' }, 'Send Message'),
      icon('M4 12l16-8-6 16-3-7z', { filled: true }));
    this.#count = element('span', { class: 'count', hidden: true });
    this.#problem = element('p', { class: 'composer-error form-error', id: 'composer-problem', role: 'alert', hidden: true });
    this.element = element('div', { class: 'composer-area' }, this.#problem,
      element('form', { class: 'composer', id: 'composer', onsubmit: (event) => this.#submit(event) },
        this.#text, this.#count, this.#send));
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit(event);
    });
    this.#text.addEventListener('input', () => this.#changed());
    this.#rendered = rendered;
    this.#text.value = rendered.text || (localStorage.getItem(this.#draftKey) ?? '');
    if (!durable) this.#complain('This browser keeps nothing: do not close the page before everything is sent.');
    this.#changed();
  }

  focus() {
    this.#text.focus();
  }

  insert(text) {
    this.#text.value = this.#text.value ? `${text}\n${this.#text.value}` : text;
    this.#changed();
    this.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    if (!text) return;
    if (isTooLong(text)) {
      this.#complain(`A message may have at most ${characterLimit.toLocaleString()} characters.`);
      return;
    }
    const repeated = text === this.#rendered.text.trim() ? this.#rendered.clientMessageId : undefined;
    this.#rendered = { text: '' };
    this.#text.value = '';
    this.#changed();
    this.#complain(null);
    this.focus();
    try {
      await this.#outbox.add(this.#conversation, text, repeated);
    } catch {
      this.#complain('The browser could not keep this message, because its storage is full. It is sent all the same.');
    }
  }

  #changed() {
    const { value } = this.#text;
    if (value) localStorage.setItem(this.#draftKey, value);
    else localStorage.removeItem(this.#draftKey);
    // Browsers without `field-sizing` need the height set.
    if (!CSS.supports('field-sizing', 'content')) {
      this.#text.style.height = 'auto';
      this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
    }
    const near = value.length > characterLimit * 0.9;
    this.#count.hidden = !near;
    if (near) {
      const left = characterLimit - characters(value.trim());
      this.#count.textContent = left.toLocaleString();
      this.#count.classList.toggle('over', isTooLong(value.trim()));
    }
  }

  #complain(words) {
    this.#problem.hidden = !words;
    this.#problem.textContent = words ?? '';
  }
}

function isTooLong(text) {
  return characters(text) > characterLimit || encoder.encode(text).length > byteLimit;
}
