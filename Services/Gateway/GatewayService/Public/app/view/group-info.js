// The dialog about a group: what it is called, who is in it, and what this user may change of that.
import { memberCount } from '../group-words.js';
import { groupApi } from '../group-api.js';
import { pathTo } from '../selectors.js';
import { avatar } from './avatar.js';
import { openDialog } from './dialog.js';
import { element, icon } from './dom.js';
import { openGroupSettings } from './group-settings.js';
import { openAddPeople } from './add-people.js';
import { openInvitations } from './invitations.js';
import { memberMenu } from './member-menu.js';

const ranks = { member: 0, admin: 1, owner: 2 };
const words = { member: '', admin: 'Admin', owner: 'Owner' };

export class GroupInfo {
  #store;
  #id = null;
  #close = null;
  #list = null;
  #summary = null;
  #error = null;
  #tools = null;
  #version = null;
  #members = [];
  #isLeaving = false;
  #onLeave;

  /** `onLeave(id)` is called when this user leaves a group. */
  constructor(store, onLeave) {
    this.#store = store;
    this.#onLeave = onLeave;
  }

  /** Opens it for the group with this id. */
  open(id) {
    if (this.#close) return;
    this.#id = id;
    this.#version = null;
    this.#members = [];
    this.#isLeaving = false;
    this.#summary = element('div', { class: 'group-summary' });
    this.#tools = element('div', { class: 'buttons group-tools' });
    this.#error = element('p', { class: 'field-error', role: 'alert', hidden: true });
    this.#list = element('ul', { class: 'list', 'aria-label': 'Members' });
    this.#close = openDialog({
      title: 'Group info', name: 'group-info', body: [this.#summary, this.#tools, this.#error, element('div', { class: 'chooser-list' }, this.#list)],
      onClosed: () => { this.#close = null; },
    });
    this.draw(this.#store.state);
  }

  draw(state) {
    if (!this.#close) return;
    const conversation = state.conversations[this.#id];
    const { group } = conversation;
    if (conversation.isLeft) {
      this.#close();
      return;
    }
    const version = `${group.version} ${group.name} ${group.about} ${group.role} ${group.memberCount} ${this.#isLeaving}`;
    if (version === this.#version) return;
    this.#version = version;
    this.#summary.replaceChildren(avatar({ id: this.#id, displayName: group.name, isGroup: true }),
      element('div', {}, element('h3', { dir: 'auto' }, group.name), element('p', {}, memberCount(group.memberCount))),
      ...(group.about ? [element('p', { class: 'group-about', dir: 'auto' }, group.about)] : []));
    this.#drawTools(group);
    this.#load();
  }

  #drawTools(group) {
    const isAdmin = ranks[group.role] >= ranks.admin;
    const button = (name, text, run, kind = 'quiet') => element('button', { class: `button ${kind} small`, type: 'button', onclick: run }, icon(name), text);
    const leaving = [
      element('span', { role: 'status' }, 'Leave this group?'),
      element('button', { class: 'button quiet small', type: 'button', onclick: () => this.#ask(false) }, 'Stay'),
      element('button', { class: 'button danger small', type: 'button', onclick: () => this.#leave() }, 'Leave group'),
    ];
    this.#tools.replaceChildren(...(this.#isLeaving ? leaving : [
      isAdmin && button('plus', 'Add people', () => openAddPeople(this.#store, this.#id, new Set(this.#members.map(({ user }) => user)))),
      isAdmin && button('copy-link', 'Invite by link', () => openInvitations(this.#store, this.#id)),
      isAdmin && button('edit', 'Change', () => openGroupSettings(this.#store, this.#id)),
      button('sign-out', 'Leave', () => this.#ask(true)),
    ].filter(Boolean)));
  }

  #ask(isLeaving) {
    this.#isLeaving = isLeaving;
    this.draw(this.#store.state);
    this.#tools.querySelector('button')?.focus();
  }

  /** Goes through the outbox, so that it works without a connection, unless it would be refused. */
  #leave() {
    const owners = this.#members.filter(({ role }) => role === 'owner');
    if (this.#members.length > 1 && owners.length === 1 && owners[0].user === this.#store.state.me.id) {
      this.#error.textContent = 'You are the only owner. Make somebody else an owner first.';
      this.#error.hidden = false;
      this.#ask(false);
      return;
    }
    const id = this.#id;
    this.#close();
    this.#onLeave(id);
  }

  /** Does something that the server may refuse, and says why it did. */
  async #run(work) {
    this.#error.hidden = true;
    try {
      const { users, line, group } = await work();
      this.#store.dispatch({ type: 'users-learned', users });
      if (line) this.#store.dispatch({ type: 'message-arrived', message: line });
      if (!group) this.#store.dispatch({ type: 'conversation-closed', conversation: this.#id, rev: line?.rev ?? Infinity });
    } catch (error) {
      this.#error.textContent = error.message;
      this.#error.hidden = false;
    }
  }

  async #load() {
    const version = this.#version;
    const members = [];
    let after;
    do {
      let page;
      try {
        page = await groupApi.members(this.#id, after);
      } catch (error) {
        this.#error.textContent = error.message;
        this.#error.hidden = false;
        return;
      }
      if (!this.#close || version !== this.#version) return;
      this.#store.dispatch({ type: 'users-learned', users: page.users });
      members.push(...page.members);
      after = page.next;
    } while (after);
    this.#members = members;
    this.#drawMembers();
  }

  #drawMembers() {
    const { users, me, conversations } = this.#store.state;
    const { group } = conversations[this.#id];
    const known = this.#members.map((member) => ({ ...member, account: users[member.user] })).filter(({ account }) => account);
    known.sort((one, other) => ranks[other.role] - ranks[one.role]
      || one.account.displayName.localeCompare(other.account.displayName));
    this.#list.replaceChildren(...known.map((member) => this.#row(member, group, me)));
  }

  #row({ user, role, account }, group, me) {
    const isSelf = user === me.id;
    const mayChange = !isSelf && (group.role === 'owner' || (group.role === 'admin' && role === 'member'));
    return element('li', { class: 'item member' },
      avatar(account),
      element('span', { class: 'item-body' },
        element('span', { class: 'item-line' },
          element('a', { class: 'item-name', dir: 'auto', href: pathTo(account), onclick: () => queueMicrotask(this.#close) },
            isSelf ? `${account.displayName} (you)` : account.displayName),
          words[role] && element('span', { class: 'tag' }, words[role])),
        element('span', { class: 'item-preview' }, `@${account.username}`)),
      mayChange && element('button', {
        class: 'icon-button small', type: 'button', 'aria-haspopup': 'menu', 'aria-label': `Change ${account.displayName}`,
        onclick: ({ currentTarget }) => memberMenu(currentTarget, {
          name: account.displayName, role, isOwner: group.role === 'owner',
          setRole: (wanted) => this.#run(() => groupApi.setRole(this.#id, user, wanted)),
          remove: () => this.#run(() => groupApi.remove(this.#id, user)),
        }),
      }, icon('more')));
  }
}
