// Signing out, and deleting what this browser keeps for the account. The server asks browsers to delete it, too, but they
// only listen on secure origins.
import { Drafts } from './drafts.js';
import { forgetEmoji } from './emoji.js';
import { forgetKept } from './kept.js';
import { forgetNotices } from './notice-settings.js';

const limit = 15_000;

/**
 * Ends the session, deletes drafts, unsent messages, the last used emoji, what was chosen about notifications and what was
 * kept to be read without a connection from this browser, and goes to the sign-in page. Rejects, with nothing deleted, if the server does not say that the session has ended.
 */
export async function signOut(userId, kept) {
  const answer = await fetch('/logout_chat', {
    method: 'POST', redirect: 'manual', credentials: 'same-origin', signal: AbortSignal.timeout(limit),
  });
  // The server answers by leading to the sign-in page.
  if (answer.type !== 'opaqueredirect') throw new Error(`The server answered with ${answer.status}.`);
  new Drafts(userId).clear();
  forgetEmoji(userId);
  forgetNotices(userId);
  await forgetKept();
  // The browser may have deleted the whole database at the server's word.
  await kept.clear().catch(() => undefined);
  location.assign('/signin');
}
