// A disc with somebody's initials, in a colour that is always the same for one person.
import { initials } from '../format.js';
import { element } from './dom.js';

const tones = 6;

export function avatar({ id, displayName }) {
  const tone = Number.parseInt(id.slice(-4), 16) % tones;
  return element('span', { class: `avatar tone-${tone}`, 'aria-hidden': 'true' }, initials(displayName));
}
