// The card about what this browser keeps and tells. What is chosen holds at once, in all its tabs.
import { isKeepingWanted, wantKeeping } from '../kept.js';
import { isTypingShown, showTyping } from '../typing-choice.js';

export function setUpKeeping(card) {
  const { user } = card.dataset;
  const field = card.querySelector('[name="keep"]');
  const state = card.querySelector('#keep-state');
  const typing = card.querySelector('[name="typing"]');
  const draw = () => {
    field.checked = isKeepingWanted(user);
    typing.checked = isTypingShown(user);
  };
  typing.addEventListener('change', () => {
    const isShown = typing.checked;
    showTyping(user, isShown);
    draw();
    state.textContent = isShown ? 'Shown from now on.' : 'Nobody sees it from now on.';
  });
  field.addEventListener('change', async () => {
    const isWanted = field.checked;
    await wantKeeping(user, isWanted);
    draw();
    // A browser that stores nothing cannot be told either; it keeps nothing anyway.
    state.textContent = isWanted ? 'Kept from now on.' : 'What was kept is deleted.';
  });
  addEventListener('storage', draw);
  state.textContent = 'A choice holds at once.';
  draw();
}
