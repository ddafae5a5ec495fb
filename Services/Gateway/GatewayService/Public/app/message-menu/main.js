// The menu of a message. Loaded when the page has come to rest, or when somebody first opens one.
import '../main.js';
import { copy as copyText } from '../view/clipboard.js';
import { openMessageMenu } from '../view/message-menu.js';

export const openMenu = openMessageMenu;
export const copy = copyText;
