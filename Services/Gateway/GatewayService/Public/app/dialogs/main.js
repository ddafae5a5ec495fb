// The dialogs of the chat. Loaded when the page has come to rest, or when somebody first wants one.
import '../main.js';
import { openContact } from '../view/contact.js';
import { GroupInfo } from '../view/group-info.js';
import { NewChat } from '../view/new-chat.js';
import { openReaders } from '../view/readers.js';
import { openNewGroup } from '../view/new-group.js';
import { openShortcutSheet } from '../view/shortcut-sheet.js';
import { Switcher } from '../view/switcher.js';

/**
 * Answers `{ draw, open }` with a function for each dialog. `directory` and `people` find people for the new chat and for the
 * switcher, from which `goTo(partner)` goes to somebody, or to a group; `leave(id)` leaves one.
 */
export function start({ store, directory, people, goTo, leave }) {
  const newGroup = () => openNewGroup({ store, goTo });
  const newChat = new NewChat(store, directory, newGroup);
  const groupInfo = new GroupInfo(store, leave);
  const switcher = new Switcher(store, people, goTo);
  return {
    draw(state) {
      newChat.draw(state);
      switcher.draw(state);
      groupInfo.draw(state);
    },
    open: {
      'new-chat': () => newChat.open(), 'new-group': newGroup, 'group-info': (id) => groupInfo.open(id), contact: (id) => openContact(store, id), readers: (id, seq) => openReaders(store, id, seq),
      switcher: () => switcher.open(), shortcuts: openShortcutSheet,
    },
  };
}
