// What fingers do on the list of messages. Loaded where there is a touch screen.
import '../main.js';
import { element, icon } from '../view/dom.js';
import { onLongPress } from '../view/long-press.js';
import { onSwipe } from '../view/swipe.js';

/** Calls `onMenu(item)` when a finger rests on a message of the list, and `onReply(item)` when it moves one aside. */
export function listenForTouch(list, { onMenu, onReply }) {
  onLongPress(list, '.message', onMenu);
  onSwipe(list, '.message[data-seq]:not(.deleted)', () => element('span', { class: 'swipe-mark', 'aria-hidden': 'true' }, icon('reply')),
    onReply);
}
