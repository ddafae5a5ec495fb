// Opens the shell without a connection, with what this browser keeps.
import { applyAppearance } from '../appearance.js';
import { avatar } from '../view/avatar.js';
import { element } from '../view/dom.js';
import { Archive } from './archive.js';

// So long after somebody was here last, their session has ended in any case.
const longest = 30 * 86_400_000;

/**
 * Makes the shell the page of whoever was here last. Resolves with what else the server's page would have: `list`, and
 * `pages` of conversations; or with null if nothing is kept, which the page then says.
 */
export async function restorePage(root, now = Date.now()) {
  const kept = await Archive.read().catch(() => null);
  if (!kept || now - kept.about.at > longest) {
    sayNothing();
    return null;
  }
  const { me, conversations, users, appearance } = kept.about;
  Object.assign(root.dataset, { user: me.id, username: me.username, displayName: me.displayName });
  applyAppearance(appearance);
  nameAccount(me);
  const listed = new Set(conversations.map(({ id }) => id));
  return { list: { conversations, users, next: null }, pages: kept.pages.filter(({ id }) => listed.has(id)) };
}

/** What the server writes into the corner of the account. */
function nameAccount({ id, username, displayName }) {
  const account = document.querySelector('.account');
  account.prepend(avatar({ id, displayName }));
  account.querySelector('summary').append(avatar({ id, displayName }));
  account.querySelector('.account-words').prepend(
    element('p', { class: 'account-name', dir: 'auto', title: `${displayName}, @${username}` }, displayName));
}

function sayNothing() {
  document.body.classList.add('has-conversation');
  document.querySelector('#freshness .words').textContent = 'No connection';
  document.getElementById('conversation').replaceChildren(element('div', { class: 'welcome', role: 'alert' },
    element('h2', {}, 'Not on this device yet'),
    element('p', {}, 'There is no connection, and nothing was read here before that could be shown. '
      + 'The page opens by itself when the connection is back.')));
  const reload = () => location.reload();
  addEventListener('online', reload);
  if (navigator.onLine) setTimeout(reload, 10_000);
}
