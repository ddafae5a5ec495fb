// What stands above the messages: where they begin, that more are on their way, or what takes their place.
import { element } from './dom.js';

// As long and as far apart as messages are.
const skeletonWidths = [38, 62, 24, 51, 33, 57];

/** What stands where messages will be. */
export function waitingMessages() {
  return element('div', { class: 'waiting-messages' }, element('p', { class: 'visually-hidden' }, 'Loading messages…'),
    ...skeletonWidths.map((width, index) => element('span', {
      class: `skeleton w${width}${index % 3 === 1 ? ' mine' : ''}`, 'aria-hidden': 'true',
    })));
}

export class MessageTop {
  element = element('div', { class: 'top' });
  #drawn = null;

  /** `hasMore` says whether earlier messages are loaded that are not in the page. */
  draw({ loaded, loading, hasOlder, messages }, other, hasMore) {
    const kind = !loaded ? 'loading' : messages.length === 0 ? 'empty'
      : loading?.side === 'older' ? 'older' : hasOlder || hasMore ? 'more' : 'start';
    if (kind === this.#drawn) return;
    this.#drawn = kind;
    this.element.replaceChildren(...parts[kind](other));
  }
}

// The line keeps its place while it is empty: otherwise it would appear out of sight, above what must not move.
const line = (words) => [element('p', { class: 'conversation-start' }, words)];

const parts = {
  loading: () => [waitingMessages()],
  empty: ({ displayName, isSelf }) => [element('p', { class: 'empty-conversation' }, element('strong', {}, 'No messages yet'),
    isSelf ? element('span', {}, 'Only you see what you write here.')
      : element('span', {}, 'Say hello to ', element('bdi', {}, displayName), '.'))],
  older: () => line('Loading earlier messages…'),
  more: () => line(''),
  start: ({ isGroup }) => line(`The beginning of ${isGroup ? 'what you see here' : 'your conversation'}`),
};
