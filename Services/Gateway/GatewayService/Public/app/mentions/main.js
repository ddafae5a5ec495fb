// What is loaded when somebody first writes an `@` in a group.
import '../main.js';
import { completeMentions } from './completion.js';

export const complete = completeMentions;
