// Emoji that are at hand everywhere. What else there is to choose from is in `emoji/`, which is loaded when it is wanted.
import { stored } from './stored.js';

const named = {
  '👍': 'thumbs up', '❤️': 'red heart', '😂': 'tears of joy', '😮': 'surprised', '🙏': 'folded hands', '🎉': 'party popper',
};

/** What is offered with one click. */
export const quick = Object.keys(named);

/** What one of these is called, for screen readers; for others the emoji itself, which they name. */
export const nameOf = (emoji) => named[emoji] ?? emoji;

/** Where the last used emoji and the skin tone of a user are kept in localStorage. */
export const emojiKey = (userId) => `martlet-emoji-${userId}`;

/** Deletes them from this browser. */
export function forgetEmoji(userId) {
  stored(() => localStorage.removeItem(emojiKey(userId)));
}
