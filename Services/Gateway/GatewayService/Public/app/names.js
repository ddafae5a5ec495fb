// Names as they are searched for and compared. `LookAlikes.swift` decides in the same way for the server's pages.

const latin = new Map(('аa вb сc ԁd еe нh һh іi јj кk ӏl мm оo рp ԛq ѕs тt уy хx '
  + 'αa βb εe ζz ηh ιi κk μm νv οo ρp τt υu χx ωw ıi 0o 1l').split(' ').map((pair) => [...pair]));

/** A name without case, accents and width. */
export const folded = (name) => name.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase();

/** The words of what somebody searches for. */
export const wordsOf = (text) => folded(text).split(/\s+/u).filter(Boolean);

/** Whether each word is a part of one of somebody's names. */
export function matches(user, words) {
  const names = namesOf(user);
  return words.every((word) => names.some((name) => name.includes(word)));
}

/** How well somebody's names fit: 2 if a name begins like the words, 1 if each begins a word of it, 0 for any part. */
export function fit(user, words) {
  const names = namesOf(user);
  if (names.some((name) => name.startsWith(words.join(' ')))) return 2;
  const parts = names.flatMap((name) => name.split(/[^\p{L}\p{N}]+/u));
  return words.every((word) => parts.some((part) => part.startsWith(word))) ? 1 : 0;
}

/** The ids of those whose display name could be taken for somebody else's: their username belongs beside it. */
export function lookAlikes(users) {
  let found = known.get(users);
  if (!found) known.set(users, found = findLookAlikes(Object.values(users)));
  return found;
}

// Users are replaced, not changed, so what was made of one stays true.
const known = new WeakMap();
const foldedNames = new WeakMap();

function namesOf(user) {
  let names = foldedNames.get(user);
  if (!names) foldedNames.set(user, names = [user.displayName, user.username ?? ''].map(folded));
  return names;
}

function findLookAlikes(users) {
  const owners = new Map();
  for (const { id, displayName, username } of users) {
    for (const name of [displayName, username]) {
      const skeleton = skeletonOf(name);
      owners.set(skeleton, (owners.get(skeleton) ?? new Set()).add(id));
    }
  }
  return new Set(users.filter(({ displayName }) => {
    const skeleton = skeletonOf(displayName);
    return skeleton && owners.get(skeleton).size > 1;
  }).map(({ id }) => id));
}

/** What is the same for names that look the same. */
function skeletonOf(name) {
  return [...folded(name)].filter((each) => /[\p{Alphabetic}\p{N}]/u.test(each)).map((each) => latin.get(each) ?? each).join('');
}
