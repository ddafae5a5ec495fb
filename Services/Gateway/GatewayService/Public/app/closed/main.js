// The words where one would write, in a conversation in which nobody writes, and what can be done about it.
import { element } from '../view/dom.js';

/**
 * `reason` is that of `closedBy`, `name` how the other person is called; `onChoice(choice)` is called with what this user wants
 * to change: see `choices.js`.
 */
export function closedWords(reason, name, onChoice) {
  const who = element('bdi', {}, name);
  const line = (...words) => element('span', {}, ...words);
  const button = (words, kind, choice) => element('button',
    { class: `button ${kind} small`, type: 'button', onclick: () => onChoice(choice) }, words);
  const accept = button('Accept', 'primary', { request: 'accepted' });
  const words = {
    left: () => [line('You are not a member of this group any more.')],
    refused: () => [line(who, ' does not take messages from you.')],
    blocked: () => [line('You blocked ', who, '.'), button('Unblock', 'quiet', { blocked: false })],
    declined: () => [line('You declined this request. ', who, ' was not told.'), accept],
    waiting: () => [
      line(who, ' is not in any group with you. They do not learn whether you have seen this unless you accept.'),
      element('div', { class: 'buttons' }, accept, button('Decline', 'quiet', { request: 'declined' }),
        button('Block', 'quiet', { request: 'declined', blocked: true })),
    ],
  };
  return element('div', { class: 'composer-closed' }, ...words[reason]());
}
