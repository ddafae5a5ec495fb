// The list of emoji: fetched once, when it is first wanted, with what each is found by.
import { assetAddress } from '../assets.js';
import { common } from './common.js';
import { familiar } from './familiar.js';

let wanted = null;

/**
 * Answers the catalogue: `groups` of `{ name, entries }`, and `byEmoji` and `byName`, maps to entries. An entry is
 * `{ emoji, name, tones, short, names, words, further }`: `tones` are its five variants or null, `short` is the shortest of
 * its `names` between colons, `words` those of its name and `further` other ones. If the list cannot be had, the catalogue
 * is small, says so with `isIncomplete`, and the next call tries again.
 */
export function loadCatalogue() {
  wanted ??= fetchGroups().then((groups) => catalogueOf(groups.length > 0 ? groups : common), () => {
    wanted = null;
    return { ...catalogueOf(common), isIncomplete: true };
  });
  return wanted;
}

async function fetchGroups() {
  const answer = await fetch(assetAddress('emoji.json'));
  if (!answer.ok) throw new Error(`The server answered with ${answer.status}.`);
  const { groups } = await answer.json();
  return groups.map(({ name, emoji }) => [name, emoji]);
}

/** The catalogue of `groups`, which are `[name, [[emoji, name, further words, tones], …]]`. */
export function catalogueOf(groups) {
  const byEmoji = new Map();
  const byName = new Map();
  const made = groups.map(([name, list]) => ({ name, entries: list.map(entryOf) }));
  for (const { entries } of made) {
    for (const entry of entries) {
      byEmoji.set(entry.emoji, entry);
      for (const tone of entry.tones ?? []) byEmoji.set(tone, entry);
      if (!byName.has(entry.short)) byName.set(entry.short, entry);
    }
  }
  for (const [name, emoji] of Object.entries(familiar)) {
    const entry = byEmoji.get(emoji);
    if (!entry) continue;
    entry.names.push(name);
    if (name.length < entry.short.length) entry.short = name;
    byName.set(name, entry);
  }
  return { groups: made, byEmoji, byName, isIncomplete: false };
}

function entryOf([emoji, name, further = '', tones]) {
  const short = shortName(name);
  return {
    emoji, name, tones: tones === 1 ? withTones(emoji) : tones ?? null, short, names: [short],
    words: short.split('_'), further: further ? further.split(' ') : [],
  };
}

/** Letters and digits of the name without accents, in lower case; everything between them becomes one `_`. */
export function shortName(name) {
  return plain(name).replace('#', 'hash').replace('*', 'asterisk').replace(/['’.]/g, '').replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '');
}

/** The tone stands behind the first code point, in the place of a variation selector there. */
function withTones(emoji) {
  const [first, ...rest] = emoji;
  if (rest[0] === '\ufe0f') rest.shift();
  return ['🏻', '🏼', '🏽', '🏾', '🏿'].map((tone) => first + tone + rest.join(''));
}

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The entries that a query finds, the best first, at most `limit`. Every word of it has to be found. */
export function search({ groups }, query, limit) {
  const words = plain(query).split(/[\s_:,]+/).filter(Boolean);
  if (words.length === 0) return [];
  const name = words.join('_');
  const found = [[], [], [], [], []];
  for (const { entries } of groups) for (const entry of entries) found[rank(entry, name, words)]?.push(entry);
  return found.flat().slice(0, limit);
}

function rank({ names, words, further }, name, wanted) {
  if (names.includes(name)) return 0;
  if (names.some((each) => each.startsWith(name))) return 1;
  const begins = (list) => (word) => list.some((each) => each.startsWith(word));
  if (wanted.every(begins(words))) return 2;
  if (wanted.every((word) => begins(words)(word) || begins(further)(word) || begins(names)(word))) return 3;
  return wanted.every((word) => word.length > 2 && names[0].includes(word)) ? 4 : undefined;
}
