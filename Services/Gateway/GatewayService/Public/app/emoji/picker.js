// Chooses an emoji: by searching, from the last ones, or from the whole list, in the skin tone that is remembered.
import { nameOf, quick } from '../emoji.js';
import { element, icon } from '../view/dom.js';
import { moveByArrows } from '../view/arrows.js';
import { isSheet, openPopup } from '../view/popup.js';
import { loadCatalogue, search } from './catalogue.js';
import { EmojiGrid } from './grid.js';
import { oneEmoji } from './one.js';
import { preferences, remember, rememberTone, toned } from './preferences.js';
import { groupBar, toneBar } from './picker-bars.js';

const recentName = 'Recently used';
const mostFound = 90;

/**
 * Opens it beside `anchor`, and calls `onChoose(emoji)` with the one that is chosen. With `row`, a message is reacted to:
 * its reactions are marked, and those that need one click come first. `openPopup` is that of the page, which knows what else is open;
 * `onLost` is for it.
 */
export async function openPicker({ anchor, row, onChoose, onLost }) {
  const label = row ? 'Choose a reaction' : 'Choose an emoji';
  const chosen = row ? row.reactions.filter(({ mine }) => mine).map(({ emoji }) => emoji) : [];
  let result = null;
  let catalogue = null;
  let close = () => undefined;
  const choose = (emoji, entry) => {
    result = emoji;
    remember(entry?.emoji ?? emoji);
    close();
  };
  const six = row && quickRow(chosen, choose);
  const field = element('input', {
    // In a field of the type "search", Escape would only empty it.
    type: 'text', role: 'searchbox', inputmode: 'search', placeholder: 'Find an emoji', 'aria-label': 'Find an emoji', autocomplete: 'off', autocapitalize: 'none',
    spellcheck: 'false', enterkeyhint: 'done', autofocus: !six && !isSheet(),
  });
  const nothing = element('p', { class: 'emoji-nothing', role: 'status' });
  const preview = element('p', { class: 'emoji-preview', 'aria-hidden': 'true' });
  const bar = groupBar((name) => grid.reveal(name));
  // Read once: what is kept in the browser would be read for every emoji otherwise.
  let { tone } = preferences();
  const inTone = (entry) => toned(entry, tone);
  const grid = new EmojiGrid(isSheet() ? Math.min(Math.max(Math.floor((innerWidth - 24) / 44), 6), 12) : 9, {
    label: inTone,
    isChosen: (entry) => chosen.includes(inTone(entry)),
    choose: (entry) => choose(inTone(entry), entry),
    look: (entry) => preview.replaceChildren(element('span', { class: 'emoji' }, inTone(entry)),
      element('span', { class: 'words' }, element('span', {}, entry.name), entry.short && element('code', {}, `:${entry.short}:`))),
    leave: () => field.focus(),
    scrolled: (name) => bar.mark(name),
  });
  const tones = toneBar(tone, (chosenTone) => {
    tone = chosenTone;
    rememberTone(tone);
    grid.redraw();
  });

  const draw = () => {
    if (!catalogue) return;
    const query = field.value.trim();
    bar.element.hidden = Boolean(query);
    grid.show(query ? [{ name: 'Found', entries: found(catalogue, query) }] : sections(catalogue));
    nothing.textContent = wordsFor(catalogue, query, Boolean(grid.first));
  };
  field.addEventListener('input', draw);
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (field.value.trim() && grid.first) choose(inTone(grid.first), grid.first);
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      grid.focus();
    }
  });
  const content = element('div', { class: 'emoji-panel' }, six,
    element('div', { class: 'emoji-search' }, icon('search'), field),
    bar.element, nothing, grid.element, element('div', { class: 'emoji-foot' }, preview, tones));
  // Typing searches, wherever the focus is.
  content.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey, isComposing, target }) => {
    if (target !== field && [...key].length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey && !isComposing) field.focus();
  });
  close = openPopup({ label, anchor, content, onLost, onClosed: () => result && onChoose(result) });

  catalogue = await loadCatalogue();
  bar.draw(sections(catalogue));
  draw();
}

/** What is shown without a search: the last ones, and the groups. */
function sections({ groups, byEmoji }) {
  const recent = preferences().recent.map((emoji) => byEmoji.get(emoji) ?? strange(emoji));
  return [{ name: recentName, entries: recent }, ...groups].filter(({ entries }) => entries.length > 0);
}

function found(catalogue, query) {
  const pasted = oneEmoji(query);
  if (!pasted) return search(catalogue, query, mostFound);
  const known = catalogue.byEmoji.get(pasted);
  // In the tone that was pasted.
  return [known ? { ...known, emoji: pasted, tones: null } : strange(pasted)];
}

/** An emoji that the list does not have. */
const strange = (emoji) => ({ emoji, name: emoji, tones: null, short: '', names: [] });

function wordsFor({ isIncomplete }, query, hasFound) {
  if (query && !hasFound) return `Nothing is called “${query}”. Try another word, or paste an emoji.`;
  return isIncomplete && !query ? 'Only a few emoji could be loaded. Any other can be pasted above.' : '';
}

/** The six that need one click. */
function quickRow(chosen, choose) {
  const row = element('div', { class: 'quick-reactions', role: 'group', 'aria-label': 'Often used' },
    ...quick.map((emoji, index) => element('button', {
      type: 'button', 'aria-label': nameOf(emoji), title: nameOf(emoji), 'aria-pressed': String(chosen.includes(emoji)),
      autofocus: index === 0 && !isSheet(), onclick: () => choose(emoji),
    }, element('span', { 'aria-hidden': 'true' }, emoji))));
  moveByArrows(row);
  return row;
}
