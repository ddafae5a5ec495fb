// Times and names as people read them, in the browser's own time zone.

// As the server's pages write them, so that nothing moves when the script takes over.
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const secondOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const weekdayOfDate = new Intl.DateTimeFormat('en-GB', { weekday: 'long' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

// Parts of English sentences, so in English.
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });
const dayMonthAndYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

export const clock = (moment) => timeOfDay.format(new Date(moment));
export const clockWithSeconds = (moment) => secondOfDay.format(new Date(moment));
export const exactly = (moment) => full.format(new Date(moment));

/** The heading of a day: "Today", "Yesterday" or the date. */
export function dayName(moment, now = new Date()) {
  const days = daysBetween(new Date(moment), now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const date = new Date(moment);
  return `${weekdayOfDate.format(date)}, ${dayMonthAndYear.format(date)}`;
}

/** How a list says when something happened: the time today, the weekday this week, else the date. */
export function when(moment, now = new Date()) {
  const days = daysBetween(new Date(moment), now);
  if (days === 0) return clock(moment);
  if (days < 7) return weekday.format(new Date(moment));
  return shortDate.format(new Date(moment));
}

/**
 * How long ago something happened, in the words of the page's language: "just now", "5 minutes ago", "3 hours ago",
 * "yesterday at 14:02", "23 November at 14:02".
 */
export function ago(moment, now = new Date()) {
  const date = new Date(moment);
  const minutes = Math.floor((now - date) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return hours === 1 ? '1 hour ago' : `${hours} hours ago`;
  const sameYear = date.getFullYear() === now.getFullYear();
  const day = daysBetween(date, now) === 1 ? 'yesterday' : (sameYear ? dayAndMonth : dayMonthAndYear).format(date);
  return `${day} at ${clock(moment)}`;
}

/** A key that is the same for two moments of one day. */
export function dayKey(moment) {
  const date = new Date(moment);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** One or two letters to stand for a person. */
export function initials(name) {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  const picked = letters.map((word) => [...word][0]).join('');
  return (picked || '?').toLocaleUpperCase();
}

/** Characters as people count them. */
export function characters(text) {
  if (!('Segmenter' in Intl)) return [...text].length;
  let count = 0;
  for (const _ of segmenter().segment(text)) count += 1;
  return count;
}

/** Several names as one phrase: "Ada", "Ada and Bob", "Ada, Bob and Cleo". */
export function listed(names) {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** How many emoji a text is, if it is nothing else and at most three; else 0. The server counts the same (Emoji.swift). */
export function emojiCount(text) {
  // Nearly every text ends here.
  if (text.length > 100 || /\p{L}/u.test(text) || !('Segmenter' in Intl)) return 0;
  const parts = [...segmenter().segment(text.replaceAll(/\s/gu, ''))].map(({ segment }) => segment);
  return parts.length <= 3 && parts.every(isEmoji) ? parts.length : 0;
}

function isEmoji(part) {
  return /^[\p{Emoji}\u200d\ufe0f\u20e3\u{e0020}-\u{e007f}]+$/u.test(part)
    && /^(?:(?!\p{Regional_Indicator})\p{Emoji_Presentation}|\p{Emoji}(?:\ufe0f|\p{Emoji_Modifier})|\p{Regional_Indicator}{2}$)/u.test(part);
}

let made;
const segmenter = () => (made ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' }));

function daysBetween(one, other) {
  const start = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((start(other) - start(one)) / 86_400_000);
}
