// Where somebody was in each conversation, for as long as the tab is open and across reloads.
import { stored } from './stored.js';

const key = 'martlet-places';
const most = 50;

/** The place in a conversation, `{ seq, top }`: which message was the first in sight, and how far below the edge; or null. */
export function placeIn(conversation) {
  return all().find(([id]) => id === conversation)?.[1] ?? null;
}

/** Keeps a place; with null the end, where every conversation opens. */
export function keepPlace(conversation, place) {
  const kept = all();
  const others = kept.filter(([id]) => id !== conversation);
  if (!place && others.length === kept.length) return;
  // Where nothing is kept, conversations open at their end.
  stored(() => sessionStorage.setItem(key, JSON.stringify(place ? [...others, [conversation, place]].slice(-most) : others)));
}

function all() {
  const kept = stored(() => JSON.parse(sessionStorage.getItem(key)));
  return Array.isArray(kept) ? kept : [];
}
