// The page that asks before signing out: it says what would be lost.
import { OutboxStore } from '../outbox-store.js';
import { isSend } from '../pending.js';
import { signOut } from '../sign-out.js';

const form = document.getElementById('sign-out');
if (form?.dataset.user) start(form, form.dataset.user);

async function start(form, userId) {
  const button = form.querySelector('button');
  const problem = document.getElementById('sign-out-problem');
  // Whoever is faster than the disk must not sign out without what is on it being deleted.
  const opening = OutboxStore.open(userId);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      await signOut(userId, await opening);
    } catch {
      problem.textContent = 'The server did not answer, so you are still signed in. Nothing was deleted. Try again.';
      problem.hidden = false;
      button.disabled = false;
    }
  });
  const kept = await opening;
  const count = await kept.count().catch(() => 0);
  if (count === 0) return;
  const waiting = document.getElementById('waiting');
  const what = (await kept.all()).every(isSend) ? 'message' : 'change';
  waiting.textContent = count === 1
    ? `1 ${what} was not sent yet. It is kept in this browser only, and is deleted if you sign out.`
    : `${count} ${what}s were not sent yet. They are kept in this browser only, and are deleted if you sign out.`;
  waiting.hidden = false;
  button.textContent = count === 1 ? 'Sign out and delete it' : 'Sign out and delete them';
}
