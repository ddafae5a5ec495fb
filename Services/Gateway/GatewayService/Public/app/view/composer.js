// Where messages are written. Enter sends, Shift and Enter make a new line. What is unfinished is kept as a draft, the same
// in every tab.
import { characters } from '../format.js';
import { element, icon } from './dom.js';

const characterLimit = 4_000;
const byteLimit = 16_384;
// So long after the last key, whoever writes in this tab has paused, and what was written in another tab is taken over.
const pauseInTyping = 3_000;
const encoder = new TextEncoder();

// What can be wrong, the most pressing first.
const pressing = ['length', 'sending', 'storage', 'durability'];

export class Composer {
  #outbox;
  #drafts;
  #conversation;
  #text;
  #send;
  #count;
  #problem;
  #problems = new Map();
  #rendered;
  #typedAt = -Infinity;
  #agreement = null;
  #ended = new AbortController();

  /**
   * `rendered` is what the server's page had in its form: `text`, and if that was refused, `problem` and
   * `clientMessageId`.
   */
  constructor({ outbox, drafts, conversation, other, rendered, durable }) {
    this.#outbox = outbox;
    this.#drafts = drafts;
    this.#conversation = conversation;
    this.#text = element('textarea', {
      id: 'text', name: 'text', dir: 'auto', rows: 1, placeholder: 'Write a message', enterkeyhint: 'send',
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
    this.#text.addEventListener('input', () => {
      this.#typedAt = performance.now();
      this.#complain('sending', null);
      this.#changed();
    });
    this.#rendered = rendered;
    this.#text.value = rendered.text || drafts.read(conversation).text;
    if (!durable) {
      this.#complain('durability', 'This browser keeps nothing: do not close the page before everything is sent.');
    }
    if (rendered.problem) this.#complain('sending', rendered.problem);
    this.#changed();

    const { signal } = this.#ended;
    drafts.watch(conversation, () => this.#agree(), signal);
    // A tab in the background may not be told of every change.
    addEventListener('focus', () => this.#agree(), { signal });
    document.addEventListener('visibilitychange', () => this.#agree(), { signal });
  }

  focus() {
    this.#text.focus();
  }

  insert(text) {
    this.#text.value = this.#text.value ? `${text}\n${this.#text.value}` : text;
    this.#changed();
    this.focus();
  }

  /** Takes back what is not a problem any more. */
  draw() {
    if (this.#problems.has('storage') && !this.#outbox.isInDanger) this.#complain('storage', null);
  }

  end() {
    clearTimeout(this.#agreement);
    this.#ended.abort();
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    if (!text) return;
    if (isTooLong(text)) {
      this.#complain('length', `A message may have at most ${characterLimit.toLocaleString()} characters.`);
      return;
    }
    const repeated = text === this.#rendered.text.trim() ? this.#rendered.clientMessageId : undefined;
    this.#rendered = { text: '' };
    this.#text.value = '';
    this.#complain('sending', null);
    this.#changed();
    this.focus();
    try {
      await this.#outbox.add(this.#conversation, text, repeated);
    } catch {
      this.#complain('storage', 'The browser could not keep this message, because its storage is full. It is sent all the same.');
    }
  }

  #changed() {
    this.#drafts.write(this.#conversation, this.#text.value);
    this.#fit();
  }

  /** Takes over what another tab has written, unless somebody is typing here: then this is the newest. */
  #agree() {
    clearTimeout(this.#agreement);
    const { text } = this.#drafts.read(this.#conversation);
    if (text === this.#text.value) return;
    const pause = this.#typedAt + pauseInTyping - performance.now();
    if (pause > 0 && document.activeElement === this.#text && document.hasFocus()) {
      this.#agreement = setTimeout(() => this.#agree(), pause);
      return;
    }
    this.#text.value = text;
    this.#fit();
  }

  /** Makes height, count and complaints those of the text. */
  #fit() {
    const { value } = this.#text;
    // Browsers without `field-sizing` need the height set.
    if (!CSS.supports('field-sizing', 'content')) {
      this.#text.style.height = 'auto';
      this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
    }
    const near = value.length > characterLimit * 0.9;
    const isOver = near && isTooLong(value.trim());
    this.#count.hidden = !near;
    if (near) {
      this.#count.textContent = (characterLimit - characters(value.trim())).toLocaleString();
      this.#count.classList.toggle('over', isOver);
    }
    if (!isOver) this.#complain('length', null);
  }

  /** Says what is wrong, or with `words` null that it is not wrong any more. */
  #complain(kind, words) {
    if (words) this.#problems.set(kind, words);
    else this.#problems.delete(kind);
    const shown = this.#problems.get(pressing.find((each) => this.#problems.has(each)));
    this.#problem.hidden = !shown;
    if (this.#problem.textContent !== (shown ?? '')) this.#problem.textContent = shown ?? '';
    if (this.#problems.has('length')) this.#text.setAttribute('aria-invalid', 'true');
    else this.#text.removeAttribute('aria-invalid');
  }
}

function isTooLong(text) {
  return characters(text) > characterLimit || encoder.encode(text).length > byteLimit;
}
