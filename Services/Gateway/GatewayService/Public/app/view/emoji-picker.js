// The way to the picker of emoji and to the completion of `:names:`. Both are loaded when somebody first wants them.
import { laterModule } from '../assets.js';
import { completeLater } from './complete-later.js';
import { element, icon } from './dom.js';
import { insert } from './insert.js';
import { loadOrSay } from './load-or-say.js';

// A colon and two letters at the end of what stands before the caret.
const begun = /:[\p{L}\p{N}_+-]{2,}:?$/u;

const load = laterModule('app/emoji/main.js', 'style/emoji/main.css', 'style/completion/main.css', 'style/popup/main.css');
let isOpening = false;

/**
 * Opens the picker beside `anchor`; `onChoose(emoji)` is called with one that was chosen. With `row`, a message is reacted
 * to: its reactions are marked, and the quick ones come first. `onLost` is that of `openPopup`.
 */
export async function openEmojiPicker({ anchor, row, onChoose, onLost }) {
  if (isOpening) return;
  isOpening = true;
  // What it was opened from may be gone when the picker is there.
  const place = anchor.getBoundingClientRect();
  const stable = { getBoundingClientRect: () => (anchor.isConnected ? anchor.getBoundingClientRect() : place) };
  const module = await loadOrSay(load, 'The emoji');
  isOpening = false;
  module?.open({ anchor: stable, row, onChoose, onLost });
}

/** A button that puts emoji into a text field, where `:names:` are completed as well. */
export function emojiButton(field) {
  completeLater(field, begun, load);
  const warm = () => load().catch(() => undefined);
  return element('button', {
    class: 'icon-button emoji-button', type: 'button', 'aria-label': 'Emoji', title: 'Emoji', 'aria-haspopup': 'dialog',
    onpointerenter: warm,
    onclick: ({ currentTarget }) => openEmojiPicker({ anchor: currentTarget, onChoose: (emoji) => insert(field, emoji) }),
  }, icon('smile'));
}
