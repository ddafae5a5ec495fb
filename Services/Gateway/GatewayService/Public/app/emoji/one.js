/** The one emoji that a text is, shown as a picture; null if it is something else. */
export function oneEmoji(text) {
  const trimmed = text.trim();
  const parts = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(trimmed)];
  if (parts.length !== 1 || !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(trimmed)) return null;
  // Some are text unless they ask to be a picture.
  const isPicture = /^\p{Emoji_Presentation}/u.test(trimmed) || [...trimmed].length > 1;
  return isPicture ? trimmed : `${trimmed}\ufe0f`;
}
