// Runs of messages, and what each shows of its time and state. Pure. The server's page does the same (MessageRuns.swift).

/** At most this much time lies between two messages of a run. */
const longestPause = 5 * 60_000;

const marks = { saving: 'pending', queued: 'pending', waiting: 'pending', failed: 'failed', sent: 'tick', delivered: 'ticks', read: 'ticks' };

/** The name of the icon for how far one's own message has come. */
export const markOf = (progress) => marks[progress] ?? null;

/**
 * How messages look beside each other. `entries` are `{ sender, at, progress, starts }` in their order: `at` in milliseconds,
 * `progress` null for others' messages, `starts` true after a day's heading or another line in between. Answers for each
 * `{ first, last, timed, ticked }`: whether it begins and ends a run, and whether its time and its tick stand.
 */
export function runsOf(entries) {
  const joins = (one, next) => Boolean(one && next) && !next.starts && one.sender === next.sender
    && next.at - one.at <= longestPause;
  return entries.map((entry, index) => {
    const next = entries[index + 1];
    const goesOn = joins(entry, next);
    return {
      first: !joins(entries[index - 1], entry),
      last: !goesOn,
      timed: !goesOn || minute(entry) !== minute(next),
      ticked: entry.progress !== null && (!goesOn || entry.progress === 'failed' || look(entry) !== look(next)),
    };
  });
}

const minute = ({ at }) => Math.floor(at / 60_000);
const look = ({ progress }) => `${markOf(progress)} ${progress === 'read'}`;
