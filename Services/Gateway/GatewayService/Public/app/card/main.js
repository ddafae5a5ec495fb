// What pages outside the chat have of script: times in the reader's time zone, and passwords that can be looked at.
// Everything else works without.
import { localiseTimes } from '../page-times.js';
import { addPasswordButtons } from '../password-fields.js';

localiseTimes();
addPasswordButtons();
