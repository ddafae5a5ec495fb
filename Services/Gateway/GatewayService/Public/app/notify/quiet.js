// The hours in which nothing pops up or sounds.

/** Whether a moment is in quiet hours, `{ on, from, to }` with times such as "22:00" of this device's clock. */
export function isQuiet({ on, from, to }, now = new Date()) {
  const start = minutes(from);
  const end = minutes(to);
  if (!on || Number.isNaN(start) || Number.isNaN(end) || start === end) return false;
  const present = now.getHours() * 60 + now.getMinutes();
  return start < end ? present >= start && present < end : present >= start || present < end;
}

function minutes(time) {
  const [, hours, rest] = /^(\d\d):(\d\d)$/.exec(time) ?? [];
  return Number(hours) * 60 + Number(rest);
}
