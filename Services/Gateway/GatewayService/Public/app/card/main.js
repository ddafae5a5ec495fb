// What pages outside the chat have of script: times in the reader's time zone, and passwords that can be looked at.
// Everything else works without.
import { forgetKept } from '../kept.js';
import { localiseTimes } from '../page-times.js';
import { addPasswordButtons } from '../password-fields.js';

localiseTimes();
addPasswordButtons();
// Nobody is signed in: what was kept of somebody whose session has ended is nobody's business here.
if (document.querySelector('form[action="/signin"]')) forgetKept();
