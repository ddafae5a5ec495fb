// A disc with somebody's initials, in a colour that is always the same for one person.
import { initials } from '../format.js';
import { element } from './dom.js';

const hues = 12;

export function avatar({ id, displayName }) {
  const hue = Number.parseInt(id.slice(-4), 16) % hues + 1;
  return element('span', { class: `avatar hue-${hue}`, 'aria-hidden': 'true' }, initials(displayName));
}
