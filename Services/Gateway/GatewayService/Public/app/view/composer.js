// Where messages are written, answered and edited. Enter sends, Shift and Enter make a new line, Escape leaves an answer or
// an edit. What is unfinished is kept as a draft, the same in every tab; an edit leaves the draft alone.
import { characters } from '../format.js';
import { contextOf } from './composer-context.js';
import { element, icon } from './dom.js';
import { emojiButton } from './emoji-picker.js';
import { formatButton } from './format-button.js';

const characterLimit = 4_000;
const byteLimit = 16_384;
// So long after the last key, whoever writes in this tab has paused, and what was written in another tab is taken over.
const pauseInTyping = 3_000;
const encoder = new TextEncoder();

// What can be wrong, the most pressing first.
const pressing = ['length', 'empty', 'sending', 'storage', 'durability'];

export class Composer {
  #outbox;
  #drafts;
  #conversation;
  #text;
  #send;
  #sendWords = element('span', { class: 'visually-hidden send-words' }, 'Send Message');
  #sendIcon = element('span', { class: 'send-icon' }, icon('send'));
  #count;
  #problem;
  #problems = new Map();
  #rendered;
  #typedAt = -Infinity;
  #agreement = null;
  #form;
  #onEdit;
  #onEditLast;
  #onTyping;
  /** What is answered or edited: `{ mode, seq, name, quoted }` with `replyTo` or `target`; else null. */
  #context = null;
  #shownContext = null;
  #ended = new AbortController();

  /**
   * `rendered` is what the server's page had in its form: `text`, and if that was refused, `problem` and
   * `clientMessageId`. `onEdit(target, text, present)` changes a message, `onEditLast()` begins to edit
   * the last one of this user, `onTyping(isWriting)` is called when somebody has written on, or has sent it. `onField(field)`
   * is given what is written in.
   */
  constructor({ outbox, drafts, conversation, other, rendered, durable, onEdit, onEditLast, onTyping, onField }) {
    this.#outbox = outbox;
    this.#drafts = drafts;
    this.#conversation = conversation;
    this.#onEdit = onEdit;
    this.#onEditLast = onEditLast;
    this.#onTyping = onTyping;
    this.#text = element('textarea', {
      id: 'text', name: 'text', dir: 'auto', rows: 1, placeholder: other.isSelf ? 'Write a note' : `Message ${other.displayName}`,
      enterkeyhint: 'send', 'aria-label': other.isSelf ? other.displayName : `Message to ${other.displayName}`, 'aria-describedby': 'composer-problem',
    });
    this.#send = element('button', { class: 'icon-button filled send', type: 'submit' }, this.#sendWords, this.#sendIcon);
    this.#count = element('span', { class: 'count', hidden: true });
    this.#problem = element('p', { class: 'composer-error', id: 'composer-problem', role: 'alert', hidden: true });
    // Everything that is about the text stands above it, inside the same frame.
    this.#form = element('form', { class: 'composer', id: 'composer', onsubmit: (event) => this.#submit(event) },
      this.#problem, element('div', { class: 'composer-row' }, this.#text, formatButton(this.#text, () => this.#form),
        emojiButton(this.#text), this.#count, this.#send));
    this.element = element('div', { class: 'composer-area' }, this.#form);
    onField(this.#text);
    this.#form.addEventListener('keydown', (event) => this.#onKey(event));
    this.#text.addEventListener('input', () => {
      this.#typedAt = performance.now();
      this.#complain('sending', null);
      this.#changed();
      if (this.#context?.mode !== 'edit' && this.#text.value.trim()) this.#onTyping(true);
    });
    this.#rendered = rendered;
    const draft = drafts.read(conversation);
    this.#text.value = rendered.text || draft.text;
    if (!rendered.text && draft.replyTo) this.#setContext(answering(draft.replyTo));
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

  /** Answers a message: `replyTo` is `{ seq, sender, name, text }`. */
  reply(replyTo) {
    if (this.#context?.mode === 'edit') this.leave();
    this.#setContext(answering(replyTo));
    this.#changed();
    this.focus();
  }

  /** Edits a message: `target` is what the outbox takes, `present` its text, `text` what to begin with. */
  edit(target, present, text = present) {
    this.#setContext({ mode: 'edit', seq: target.seq, quoted: present, target });
    this.#text.value = text;
    this.#complain('sending', null);
    this.#fit();
    this.focus();
    this.#text.setSelectionRange(text.length, text.length);
  }

  /** Leaves an answer, and keeps its text, or an edit, and goes back to the draft. */
  leave() {
    const wasEdit = this.#context?.mode === 'edit';
    this.#setContext(null);
    if (wasEdit) {
      const draft = this.#drafts.read(this.#conversation);
      this.#text.value = draft.text;
      if (draft.replyTo) this.#setContext(answering(draft.replyTo));
      this.#complain('empty', null);
      this.#fit();
    } else {
      this.#changed();
    }
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
    if (!text) {
      if (this.#context?.mode === 'edit') this.#complain('empty', 'A message cannot be empty. Delete it instead.');
      return;
    }
    if (isTooLong(text)) {
      this.#complain('length', `A message may have at most ${characterLimit.toLocaleString()} characters.`);
      return;
    }
    const context = this.#context;
    if (context?.mode === 'edit') {
      this.leave();
      if (text !== context.quoted) await this.#deliver(() => this.#onEdit(context.target, text, context.quoted), 'change');
      return;
    }
    const clientMessageId = text === this.#rendered.text.trim() ? this.#rendered.clientMessageId : undefined;
    this.#rendered = { text: '' };
    this.#text.value = '';
    this.#onTyping(false);
    this.#setContext(null);
    this.#complain('sending', null);
    this.#changed();
    this.focus();
    await this.#deliver(() =>
      this.#outbox.send(this.#conversation, text, { clientMessageId, replyTo: context?.replyTo }), 'message');
  }

  async #deliver(work, what) {
    try {
      await work();
    } catch {
      this.#complain('storage', `The browser could not keep this ${what}, because its storage is full. It is sent all the same.`);
    }
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (event.key === 'Escape' && this.#context) {
      event.preventDefault();
      this.leave();
    } else if (event.target !== this.#text) {
      return;
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#submit(event);
    } else if (event.key === 'ArrowUp' && !this.#text.value && !this.#context) {
      if (this.#onEditLast()) event.preventDefault();
    }
  }

  #setContext(context) {
    this.#context = context;
    this.#shownContext?.remove();
    this.#shownContext = contextOf(context, () => this.leave());
    if (this.#shownContext) this.#form.prepend(this.#shownContext);
    const isEdit = context?.mode === 'edit';
    this.#sendWords.textContent = isEdit ? 'Save' : 'Send Message';
    this.#sendIcon.replaceChildren(icon(isEdit ? 'check' : 'send'));
  }

  #changed() {
    if (this.#context?.mode !== 'edit') this.#drafts.write(this.#conversation, this.#text.value, this.#context?.replyTo);
    if (this.#text.value.trim()) this.#complain('empty', null);
    this.#fit();
  }

  /** Takes over what another tab has written, unless somebody is typing here: then this is the newest. */
  #agree() {
    clearTimeout(this.#agreement);
    if (this.#context?.mode === 'edit') return;
    const { text, replyTo } = this.#drafts.read(this.#conversation);
    if (text === this.#text.value) return;
    const pause = this.#typedAt + pauseInTyping - performance.now();
    if (pause > 0 && document.activeElement === this.#text && document.hasFocus()) {
      this.#agreement = setTimeout(() => this.#agree(), pause);
      return;
    }
    this.#text.value = text;
    this.#setContext(replyTo ? answering(replyTo) : null);
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
    if (this.#problem.textContent !== (shown ?? '')) {
      this.#problem.replaceChildren(...(shown ? [icon('failed'), element('span', {}, shown)] : []));
    }
    if (this.#problems.has('length')) this.#text.setAttribute('aria-invalid', 'true');
    else this.#text.removeAttribute('aria-invalid');
  }
}

function answering(replyTo) {
  return { mode: 'reply', seq: replyTo.seq, name: replyTo.name, quoted: replyTo.text, replyTo };
}

function isTooLong(text) {
  return characters(text) > characterLimit || encoder.encode(text).length > byteLimit;
}
