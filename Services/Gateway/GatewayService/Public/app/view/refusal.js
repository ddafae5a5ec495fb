// What could not be done with a message, said at the place, with what can be done about it.
import { element, icon } from './dom.js';

/** A message that was refused. */
export function unsentRefusal({ refusal, waitingId }) {
  return failure(`Not sent: ${refusal}`,
    button('Edit', { 'data-action': 'take-back', 'data-item': waitingId }),
    button('Remove', { 'data-action': 'discard', 'data-item': waitingId }));
}

/** A change of a message that was refused; what was typed is kept until somebody says otherwise. */
export function changeRefusal({ kind, refusal, text, emoji, wanted, clientMessageId }, { deleted }) {
  const discard = (words) => button(words, { 'data-action': 'discard', 'data-item': clientMessageId });
  if (kind === 'edit') {
    return failure([`Not changed: ${refusal} You wrote: `, element('q', { dir: 'auto' }, text)],
      !deleted && button('Edit again', { 'data-action': 'edit-again', 'data-item': clientMessageId }),
      discard('Discard'));
  }
  if (kind === 'delete') return failure(`Not deleted: ${refusal}`, discard('OK'));
  return failure(`${emoji} was not ${wanted ? 'added' : 'taken back'}: ${refusal}`, discard('OK'));
}

/** Asks, in the place of the message, before it is deleted. */
export function confirmation({ waiting }) {
  const words = waiting ? 'Delete this message before it is sent?'
    : 'Delete this message? “Message deleted” stays in its place.';
  return element('div', { class: 'confirm', role: 'group', 'aria-label': 'Delete this message?' },
    element('p', {}, words),
    button('Keep it', { class: 'button quiet small', 'data-action': 'keep', 'data-focus': 'keep' }),
    button(waiting ? 'Delete' : 'Delete for everybody', {
      class: 'button danger small', 'data-action': 'delete-now', 'data-focus': 'delete-now',
    }));
}

function failure(words, ...buttons) {
  return element('div', { class: 'failure', role: 'alert' },
    element('span', { class: 'why' }, icon('failed'), element('span', {}, ...[words].flat())), ...buttons);
}

const button = (words, attributes) => element('button', { class: 'button danger-quiet small', type: 'button', ...attributes }, words);
