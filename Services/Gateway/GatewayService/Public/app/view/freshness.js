// The line that says whether the page shows everything there is, and whether everything written here was sent.
import { clock, clockWithSeconds } from '../format.js';
import { freshness, partner, unreadTotal, unsent } from '../selectors.js';
import { isSend } from '../pending.js';
import { element, icon } from './dom.js';

const patience = { 'catching-up': 1_000, sending: 400 };
const marks = { static: 'info', live: 'check', offline: 'offline', unsent: 'pending' };

export class Freshness {
  #shown = { kind: 'static', words: '' };
  #wanted = null;
  #pending = null;
  #onRetry;

  /** `onRetry()` is called when somebody wants what waits to be tried again now. */
  constructor(onRetry) {
    this.#onRetry = onRetry;
  }

  draw(state) {
    const kind = freshness(state);
    this.#wanted = { kind, words: wordsOf(kind, state) };
    // Neither a sync of half a second nor a message that takes a tenth of one is worth a word.
    const isBrief = patience[kind] && this.#shown.kind === 'live';
    if (isBrief) {
      this.#pending ??= setTimeout(() => this.#show(this.#wanted), patience[kind]);
      // The line of a pane that was just made is empty.
      this.#show(this.#shown);
    } else {
      clearTimeout(this.#pending);
      this.#pending = null;
      this.#show(this.#wanted);
    }
    const selected = state.conversations[state.selected];
    const title = `${selected ? partner(state, selected).displayName : 'Chats'} · Martlet`;
    const unread = unreadTotal(state);
    document.title = unread > 0 ? `(${unread}) ${title}` : title;
  }

  /** There is one line in the list and, for phones, which show no list beside a conversation, one in the pane. */
  #show(shown) {
    this.#shown = shown;
    for (const line of document.querySelectorAll('.freshness')) {
      const words = line.querySelector('.words');
      if (line.dataset.state !== shown.kind) {
        line.dataset.state = shown.kind;
        line.querySelector('.mark')?.replaceChildren(markOf(shown.kind));
        line.querySelector('button')?.remove();
        if (shown.kind === 'unsent') {
          line.append(element('button', { class: 'button quiet small', type: 'button', onclick: this.#onRetry }, 'Try again'));
        }
      }
      if (words.textContent !== shown.words) words.textContent = shown.words;
    }
  }
}

function markOf(kind) {
  if (!marks[kind]) return element('span', { class: 'spinner' });
  const mark = icon(marks[kind]);
  mark.classList.add('small');
  return mark;
}

function wordsOf(kind, state) {
  const waiting = unsent(state);
  const many = waiting.length > 1;
  const what = waiting.every(isSend) ? 'message' : 'change';
  const count = many ? `${waiting.length} ${what}s` : `1 ${what}`;
  switch (kind) {
    case 'live': return 'Up to date';
    case 'sending': return `Sending ${count}…`;
    case 'catching-up': return 'Catching up…';
    case 'offline': {
      const offline = state.offlineSince ? `Offline since ${clock(state.offlineSince)}.` : 'Offline.';
      return waiting.length === 0 ? `${offline} What you write is kept and sent later.`
        : `${offline} ${count} ${many ? 'wait' : 'waits'} and ${many ? 'go' : 'goes'} out by ${many ? 'themselves' : 'itself'}.`;
    }
    default: {
      const { status, retryAt } = waiting.find((item) => item.waiting);
      const wait = `${count} ${many ? 'wait' : 'waits'} to be sent`;
      if (status === 429) return `${wait}: faster than this server allows. Again at ${clockWithSeconds(retryAt)}.`;
      return `${wait}: the server ${status === 0 ? 'does not answer' : 'takes none at the moment'}.`;
    }
  }
}
