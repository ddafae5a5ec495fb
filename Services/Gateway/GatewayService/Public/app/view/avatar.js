// A disc with somebody's initials, in a colour that is always the same for one person.
import { initials } from '../format.js';
import { element } from './dom.js';

const hues = 12;

export function avatar({ id, displayName, isGroup }) {
  const hue = hueOf(id);
  return element('span', { class: `avatar${isGroup ? ' group' : ''} hue-${hue}`, 'aria-hidden': 'true' }, initials(displayName));
}

/** From 1 to 12, always the same for one person or group. */
export const hueOf = (id) => Number.parseInt(id.slice(-4), 16) % hues + 1;
