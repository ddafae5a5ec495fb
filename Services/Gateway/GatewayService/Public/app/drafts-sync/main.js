// What makes drafts the same in all browsers of their writer. Loaded when the page has come to rest.
import '../main.js';
import { DraftSync as Sync } from './draft-sync.js';

export const DraftSync = Sync;
