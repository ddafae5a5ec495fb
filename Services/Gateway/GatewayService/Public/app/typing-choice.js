// Whether somebody wants to be seen while writing; whoever does not, does not see others, either. Kept in this browser.
import { stored } from './stored.js';

const key = (userId) => `martlet-hides-typing-${userId}`;

export const isTypingShown = (userId) => stored(() => localStorage.getItem(key(userId))) === null;

export function showTyping(userId, isShown) {
  stored(() => (isShown ? localStorage.removeItem(key(userId)) : localStorage.setItem(key(userId), 'yes')));
}
