// The dialogs of the chat. Loaded when the page has come to rest, or when somebody first wants one.
import '../main.js';
import { NewChat } from '../view/new-chat.js';
import { openShortcutSheet } from '../view/shortcut-sheet.js';
import { Switcher } from '../view/switcher.js';

/**
 * Answers `{ draw, open }` with a function for each dialog. `directory` and `people` find people for the new chat and for the
 * switcher, from which `goTo(partner)` goes to somebody, or to a group.
 */
export function start({ store, directory, people, goTo }) {
  const newChat = new NewChat(store, directory);
  const switcher = new Switcher(store, people, goTo);
  return {
    draw(state) {
      newChat.draw(state);
      switcher.draw(state);
    },
    open: { 'new-chat': () => newChat.open(), switcher: () => switcher.open(), shortcuts: openShortcutSheet },
  };
}
