// Which emoji somebody used last, and in which skin tone: kept by user in this browser, or in the page if it stores nothing.
import { emojiKey } from '../emoji.js';
import { StoredValue } from '../stored.js';

const most = 27;

const kept = new StoredValue(emojiKey(document.getElementById('chat')?.dataset.user));

/** `{ recent, tone }`: emoji without a tone, the last one first, and 0 for no tone or 1 to 5 from light to dark. */
export function preferences() {
  const { recent, tone } = kept.read();
  return {
    recent: Array.isArray(recent) ? recent.filter((each) => typeof each === 'string').slice(0, most) : [],
    tone: [1, 2, 3, 4, 5].includes(tone) ? tone : 0,
  };
}

/** Remembers that an emoji was used. */
export function remember(emoji) {
  const { recent, tone } = preferences();
  kept.write({ recent: [emoji, ...recent.filter((each) => each !== emoji)].slice(0, most), tone });
}

/** Remembers a tone. */
export function rememberTone(tone) {
  kept.write({ ...preferences(), tone });
}

/** An entry of the catalogue in the tone that is remembered. */
export const toned = ({ emoji, tones }, tone = preferences().tone) => (tone && tones ? tones[tone - 1] : emoji);
