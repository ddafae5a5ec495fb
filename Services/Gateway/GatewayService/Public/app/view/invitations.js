// The dialog with the links that invite to a group: made, copied and withdrawn here.
import { groupApi } from '../group-api.js';
import { randomId } from '../outbox.js';
import { copy } from './clipboard.js';
import { openDialog } from './dialog.js';
import { element, icon } from './dom.js';

const hour = 3_600;
const expiries = [[hour, '1 hour'], [24 * hour, '1 day'], [7 * 24 * hour, '7 days'], [30 * 24 * hour, '30 days'], [null, 'Never']];
const uses = [[null, 'Any number'], [1, '1'], [5, '5'], [25, '25'], [100, '100']];

/** Opens it for the group with this id. */
export function openInvitations(store, id) {
  const error = element('p', { class: 'field-error', role: 'alert', hidden: true });
  const list = element('ul', { class: 'list invitations', 'aria-label': 'Links' });
  // A toast would lie under the dialog.
  const status = element('span', { class: 'start help', role: 'status' });
  const none = element('p', { class: 'help', hidden: true }, 'There is no link yet.');
  let shown = [];
  // One id for each press that was not answered yet, so that trying again makes no second link.
  let pending = null;
  const another = () => { pending = null; };
  const expiry = chooser('Expires after', expiries, 7 * 24 * hour, another);
  const times = chooser('People who can use it', uses, null, another);

  const run = async (work) => {
    error.hidden = true;
    status.textContent = '';
    try {
      await work();
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    }
  };
  const load = () => run(async () => {
    const { invitations, users } = await groupApi.invitations(id);
    store.dispatch({ type: 'users-learned', users });
    shown = invitations;
    draw();
  });
  const draw = () => {
    none.hidden = shown.length > 0;
    list.replaceChildren(...shown.map(row));
  };
  const create = element('button', {
    class: 'button primary', type: 'button', onclick: () => run(async () => {
      pending ??= randomId();
      create.disabled = true;
      try {
        const made = await groupApi.invite(id, {
          clientMessageId: pending, ...(expiry.value && { expiresIn: expiry.value }), ...(times.value && { maximumUses: times.value }),
        });
        shown = [made, ...shown.filter((each) => each.id !== made.id)];
        pending = null;
        draw();
        await copyLink(made);
      } catch (problem) {
        // What the server has refused was not done: the next press is another one.
        if (!problem.isTransient) pending = null;
        throw problem;
      } finally {
        create.disabled = false;
      }
    }),
  }, 'New link');
  const copyLink = async ({ token }) => {
    const isCopied = await copy(`${location.origin}/join/${id}/${token}`);
    status.textContent = isCopied ? 'Link copied' : 'The browser does not let this page copy.';
  };
  const revoke = (invitation) => run(async () => {
    const { line } = await groupApi.revoke(id, invitation.id);
    if (line) store.dispatch({ type: 'message-arrived', message: line });
    shown = shown.filter((each) => each !== invitation);
    draw();
    create.focus();
  });
  const row = (invitation) => {
    const link = `${location.origin}/join/${id}/${invitation.token}`;
    const [title, limits] = words(invitation, store.state);
    return element('li', { class: 'item invitation' },
      element('span', { class: 'item-body' },
        element('input', { class: 'input', readonly: true, value: link, 'aria-label': title, onfocus: ({ target }) => target.select() }),
        element('span', { class: 'item-preview' }, limits)),
      element('button', { class: 'icon-button', type: 'button', title: 'Copy link', 'aria-label': `Copy the link: ${limits}`, onclick: () => copyLink(invitation) }, icon('copy-link')),
      element('button', { class: 'icon-button', type: 'button', title: 'Withdraw', 'aria-label': `Withdraw the link: ${limits}`, onclick: () => revoke(invitation) }, icon('delete')));
  };
  const close = openDialog({
    title: 'Invite by link', name: 'invitations-dialog',
    body: [element('p', { class: 'help' }, 'Everybody who has a link can join the group.'), error, none, list,
      element('div', { class: 'invitation-choices' }, expiry.element, times.element)],
    foot: [status, element('button', { class: 'button quiet', type: 'button', onclick: () => close() }, 'Close'), create],
  });
  load();
}

function chooser(name, choices, chosen, onchange) {
  const select = element('select', { class: 'input', onchange },
    ...choices.map(([value, words]) => element('option', { value: value ?? '', selected: value === chosen }, words)));
  return {
    element: element('label', { class: 'field' }, element('span', { class: 'field-name' }, name), select),
    get value() { return Number(select.value) || null; },
  };
}

/** Who made an invitation, and what is left of it. */
function words({ createdBy, expiresAt, maximumUses, uses: used }, { users, me }) {
  const maker = createdBy === me.id ? 'you' : users[createdBy]?.displayName ?? 'somebody';
  const joined = maximumUses ? `${used} of ${maximumUses} joined` : `${used} joined`;
  return [`Link by ${maker}`, `By ${maker} · ${joined} · ${expiresAt ? expiryWords(new Date(expiresAt) - Date.now()) : 'does not expire'}`];
}

function expiryWords(milliseconds) {
  if (milliseconds <= 0) return 'has expired';
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes <= 90) return `expires in ${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours <= 48 ? `expires in ${hours} hours` : `expires in ${Math.round(hours / 24)} days`;
}
