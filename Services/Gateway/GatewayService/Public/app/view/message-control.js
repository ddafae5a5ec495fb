// Pointer, keyboard and touch on the list of messages: what is meant, and with which message.
import { laterModule } from '../assets.js';
import { actionForKey, actionsOf } from './actions.js';
import { loadMessageActions } from './message-actions.js';

const loadTouch = laterModule('app/touch/main.js');

export class MessageControl {
  #region;
  #list;
  #rowAt;
  /** Loaded when a message is first pointed at. */
  #bar = null;
  #isLoadingBar = false;
  #handlers;
  #entered = null;

  /**
   * `region` scrolls and holds the `list`; `rowAt(key)` answers a row. `handlers` are `run(name, row, { anchor, item })`,
   * `react(row, emoji)`, `jump(seq)` and `leave()`, which leaves the list for where messages are written.
   */
  constructor({ region, list, rowAt, handlers }) {
    this.#region = region;
    this.#list = list;
    this.#rowAt = rowAt;
    this.#handlers = handlers;
    list.addEventListener('click', (event) => this.#onClick(event));
    // A pointer that only lies there while the list moves under it means nothing.
    let at = '';
    list.addEventListener('pointermove', ({ pointerType, clientX, clientY, target }) => {
      if (pointerType === 'touch' || at === `${clientX} ${clientY}`) return;
      at = `${clientX} ${clientY}`;
      this.#show(target.closest('.message'));
    });
    list.addEventListener('pointerleave', () => {
      if (!list.querySelector(':focus-visible')) this.#show(null);
    });
    list.addEventListener('focusin', (event) => {
      this.#letIn(event.target.closest('.message'));
      this.#show(event.target.closest('.message'));
    });
    list.addEventListener('focusout', (event) => {
      if (!list.contains(event.relatedTarget)) this.#show(list.querySelector('.message:hover'));
    });
    region.addEventListener('keydown', (event) => this.#onKey(event));
    list.addEventListener('contextmenu', (event) => this.#onMenu(event));
    if (matchMedia('(any-pointer: coarse)').matches) this.#listenForTouch();
  }

  /** Without it, everything is reached with the buttons of a message. */
  async #listenForTouch() {
    const touch = await loadTouch().catch(() => null);
    touch?.listenForTouch(this.#list, {
      onMenu: (item) => this.#handlers.run('more', this.#rowOf(item), { anchor: item }),
      onReply: (item) => this.#handlers.run('reply', this.#rowOf(item)),
    });
  }

  /** Draws with `work`, and puts the bar and the focus back to where they were. */
  around(work) {
    const { key = null, focused } = this.#bar ?? {};
    work();
    const item = document.activeElement.closest?.('.message');
    if (item && this.#list.contains(item)) this.#letIn(item);
    if (key === null) return;
    this.#show(this.itemOf(key));
    if (focused && this.#bar.key === key && !this.#bar.focused) this.#bar.focus(focused);
  }

  /** The element of the message with this key, or undefined. */
  itemOf(key) {
    return [...this.#list.children].find((each) => each.dataset.key === key);
  }

  /** The list is one stop for the Tab key; the parts of the message with the focus are the next ones. */
  #letIn(item) {
    if (item === this.#entered) return;
    for (const [each, index] of [[this.#entered, -1], [item, 0]]) {
      for (const part of each?.querySelectorAll('.quote, .reaction, .mention, summary') ?? []) part.tabIndex = index;
    }
    this.#entered = item;
  }

  #rowOf(item) {
    return item && this.#rowAt(item.dataset.key);
  }

  async #loadBar() {
    if (this.#isLoadingBar) return;
    this.#isLoadingBar = true;
    const { ActionBar } = await loadMessageActions().catch(() => ({}));
    // Not with every move of the pointer.
    setTimeout(() => { this.#isLoadingBar = false; }, ActionBar ? 0 : 5_000);
    if (!ActionBar || this.#bar) return;
    this.#bar = new ActionBar();
    this.#show(this.#list.querySelector('.message:is(:hover, :focus-within)'));
  }

  #show(item) {
    if (!this.#bar) {
      if (item) this.#loadBar();
      return;
    }
    if (item?.dataset.key === this.#bar.key && item?.contains(this.#bar.element)) return;
    if (this.#bar.focused && item?.dataset.key !== this.#bar.key) {
      this.itemOf(this.#bar.key)?.focus({ preventScroll: true });
    }
    this.#bar.show(this.#rowOf(item) ?? null, item ?? null);
  }

  #onClick(event) {
    const row = this.#rowOf(event.target.closest('.message'));
    const quote = event.target.closest('a.quote');
    if (quote) {
      event.preventDefault();
      this.#handlers.jump(Number(quote.hash.slice(2)));
      return;
    }
    const button = event.target.closest('button');
    if (!row || !button) return;
    const { action, emoji, item } = button.dataset;
    if (emoji) this.#handlers.react(row, emoji);
    else if (action) this.#handlers.run(action, row, { anchor: button, item });
  }

  /** The menu opens where the pointer is. A link and selected text keep the browser's own. */
  #onMenu(event) {
    const row = this.#rowOf(event.target.closest('.message'));
    const isOwn = event.target.closest('a, input, textarea') || !getSelection().isCollapsed || event.shiftKey;
    if (event.defaultPrevented || event.pointerType === 'touch' || !row || isOwn || actionsOf(row).length === 0) return;
    event.preventDefault();
    const anchor = new DOMRect(event.clientX, event.clientY);
    this.#handlers.run('more', row, { anchor: { getBoundingClientRect: () => anchor } });
  }

  #onKey(event) {
    const item = event.target.closest('.message');
    const messages = () => [...this.#list.querySelectorAll('.message')];
    const isArrow = event.key === 'ArrowUp' || event.key === 'ArrowDown';
    if (!item) {
      if (!isArrow || event.target !== this.#region) return;
      event.preventDefault();
      this.#lastInSight(messages())?.focus();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (this.#rowOf(item)?.confirming) this.#handlers.run('keep', this.#rowOf(item));
      else if (event.target === item) this.#handlers.leave();
      else item.focus();
    } else if (event.target === item) {
      this.#onKeyAt(item, event, isArrow && messages());
    }
  }

  /** Keys that mean the message with the focus. */
  #onKeyAt(item, event, messages) {
    if (messages) {
      event.preventDefault();
      messages[messages.indexOf(item) + (event.key === 'ArrowUp' ? -1 : 1)]?.focus();
      return;
    }
    const row = this.#rowOf(item);
    const name = event.key === 'Enter' ? 'more' : actionForKey(event);
    // A message that was only clicked is not what somebody types at.
    if (!row || !name || !item.matches(':focus-visible')) return;
    const can = actionsOf(row);
    if (can.length === 0 || (name !== 'more' && !can.includes(name))) return;
    event.preventDefault();
    this.#handlers.run(name, row, { anchor: item });
  }

  #lastInSight(messages) {
    const { bottom } = this.#region.getBoundingClientRect();
    return messages.findLast((each) => each.getBoundingClientRect().bottom <= bottom + 1) ?? messages.at(-1);
  }
}
