// Tells the state what time it is whenever that changes what is muted.
import { unmutesBetween } from './choices.js';

const interval = 10_000;

export function watchTime(store) {
  setInterval(() => {
    const now = Date.now();
    const { conversations, now: before } = store.state;
    const isDue = Object.values(conversations).some(({ settings }) => unmutesBetween(settings, before, now));
    if (isDue) store.dispatch({ type: 'time-told', now });
  }, interval);
}
