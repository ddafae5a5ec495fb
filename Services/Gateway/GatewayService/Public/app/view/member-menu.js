// The menu of a member of a group: the roles that this user may give, and taking the member out.
import { element, icon } from './dom.js';
import { moveByArrows } from './arrows.js';
import { openPopup } from './popup.js';

const roles = { owner: 'Make an owner', admin: 'Make an admin', member: 'Make a member' };

/** Opens it beside `anchor`. */
export function memberMenu(anchor, { name, role, isOwner, setRole, remove }) {
  let chosen = null;
  const item = (words, run, kind = '') => element('button', {
    class: `menu-item ${kind}`, type: 'button', role: 'menuitem', onclick: () => {
      chosen = run;
      close();
    },
  }, icon(kind ? 'close' : 'people'), words);
  const offered = isOwner ? Object.keys(roles).filter((each) => each !== role) : [];
  const menu = element('div', { class: 'menu', role: 'menu', 'aria-label': name },
    ...offered.map((each) => item(roles[each], () => setRole(each))),
    offered.length > 0 && element('hr', { role: 'separator' }),
    item('Remove from the group', remove, 'danger'));
  menu.querySelector('button').autofocus = true;
  moveByArrows(menu);
  const close = openPopup({ label: name, anchor, content: menu, onClosed: () => chosen?.() });
}
