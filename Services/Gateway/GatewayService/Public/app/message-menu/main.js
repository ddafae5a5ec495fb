// What is done with messages, and their menu. Loaded when the page has come to rest, or when somebody first wants it.
import '../main.js';
import { ActionBar as Bar } from '../view/action-bar.js';
import { Actions } from './actions.js';

export const ActionBar = Bar;
export const begin = (parts) => new Actions(parts);
