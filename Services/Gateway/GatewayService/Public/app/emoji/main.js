// What is loaded when somebody first chooses an emoji or types a name between colons.
import '../main.js';
import { loadCatalogue } from './catalogue.js';
import { completeNames } from './completion.js';
import { openPicker } from './picker.js';

// Both need it, so it is fetched at once.
loadCatalogue();

export const open = openPicker;
export const complete = completeNames;
