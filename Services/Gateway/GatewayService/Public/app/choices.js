// What somebody has chosen for a conversation: that it is pinned, muted or archived, its other person blocked, or a stranger's
// request accepted or declined. Pure.
//
// Settings are `{ version, pinnedAt, isMuted, mutedUntil, tellsMentions, archivedThrough, isBlocked, request }` as the server has
// them. A choice is what changes them: `pinned`, `muted` with `mutedUntil` and `tellsMentions`, `archived` with
// `archivedThrough`, `blocked`, and `request`, each only if it is meant.
import { isSettings } from './pending.js';

const nothing = { version: 0, isMuted: false, isBlocked: false };

/** Of two settings, either of which may be missing, the newer ones. */
export function newerSettings(one, other) {
  return (other?.version ?? 0) > (one?.version ?? 0) ? other : one;
}

/** Settings as they will be once `items` of the outbox are done. */
export function withChoices(settings, items) {
  return items.filter(isSettings).reduce(withChoice, settings ?? nothing);
}

function withChoice(settings, { choice, writtenAt }) {
  const next = { ...settings };
  if (choice.pinned !== undefined) next.pinnedAt = choice.pinned ? settings.pinnedAt ?? writtenAt : undefined;
  if (choice.muted !== undefined) {
    Object.assign(next, { isMuted: choice.muted, mutedUntil: choice.mutedUntil, tellsMentions: choice.tellsMentions });
  }
  if (choice.archived !== undefined) next.archivedThrough = choice.archived ? choice.archivedThrough : undefined;
  if (choice.blocked !== undefined) next.isBlocked = choice.blocked;
  if (choice.request && next.request) next.request = choice.request === 'declined' ? 'declined' : undefined;
  return next;
}

/** Whether nothing is to be told, at a time in milliseconds. */
export function mutes({ isMuted, mutedUntil }, now) {
  return isMuted && (!mutedUntil || Date.parse(mutedUntil) > now);
}

/** Whether a conversation with this newest message is out of the list: until a newer one comes, or as long as it is muted. */
export function archives(settings, newest, now) {
  const { archivedThrough } = settings;
  return archivedThrough !== undefined && (newest <= archivedThrough || mutes(settings, now));
}

/** Whether what was muted for a while at one time is not any more at a later one. */
export function unmutesBetween(settings, from, to) {
  return Boolean(settings) && mutes(settings, from) && !mutes(settings, to);
}
