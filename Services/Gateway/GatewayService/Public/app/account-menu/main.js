// What the account menu does beyond its links. Loaded when the page has come to rest, or when the menu is first opened.
import '../main.js';
import { signOut as endSession } from '../sign-out.js';
import { themeSwitch } from './theme-switch.js';

export const addThemeSwitch = themeSwitch;
export const signOut = endSession;
