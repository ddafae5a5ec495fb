// The line above the composer that says who is writing. It keeps its room, so that nothing moves when somebody begins.
import { element } from './dom.js';

export class TypingLine {
  #drawn = '';
  element = element('p', { class: 'typing', role: 'status' });

  /** `names` are the display names of those who are writing. */
  draw(names) {
    const key = JSON.stringify(names);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.element.replaceChildren(...(names.length > 0 ? [typingDots(), element('span', {}, ...sentence(names))] : []));
  }
}

/** Three dots that move, for those who see them. */
export function typingDots() {
  return element('span', { class: 'typing-dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'));
}

function sentence(names) {
  const [first, second] = names.map((name) => element('bdi', { class: 'strong' }, name));
  if (names.length > 2) return ['Several people are typing'];
  return second ? [first, ' and ', second, ' are typing'] : [first, ' is typing'];
}
