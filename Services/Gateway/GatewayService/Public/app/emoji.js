// Emoji as reactions.

/** What is offered with one click. */
export const quick = ['👍', '❤️', '😂', '😮', '🙏', '🎉'];

/** What the picker shows beside its field, with names for screen readers. */
export const common = Object.entries({
  '👍': 'thumbs up', '👎': 'thumbs down', '❤️': 'red heart', '😂': 'tears of joy', '😮': 'surprised', '🙏': 'folded hands',
  '🎉': 'party popper', '👏': 'clapping', '😀': 'grinning', '😊': 'smiling', '😉': 'winking', '😍': 'heart eyes',
  '🤔': 'thinking', '😅': 'relieved laugh', '😎': 'sunglasses', '😢': 'crying', '😡': 'angry', '😴': 'sleeping',
  '🤗': 'hug', '🤷': 'shrug', '🤦': 'facepalm', '🙌': 'raised hands', '👋': 'waving', '👌': 'OK hand',
  '🤝': 'handshake', '💪': 'strong', '🤞': 'crossed fingers', '👀': 'eyes', '🧠': 'brain', '💡': 'light bulb',
  '✅': 'check mark', '❌': 'cross mark', '❓': 'question mark', '❗': 'exclamation mark', '⭐': 'star', '🔥': 'fire',
  '💯': 'hundred points', '🚀': 'rocket', '🐛': 'bug', '☕': 'coffee', '🍰': 'cake', '🍕': 'pizza',
  '🌈': 'rainbow', '☀️': 'sun', '🌧️': 'rain', '🎂': 'birthday cake', '🎁': 'present', '💔': 'broken heart',
}).map(([emoji, name]) => ({ emoji, name }));

const names = new Map(common.map(({ emoji, name }) => [emoji, name]));

/** What a reaction is called: its name, or the emoji itself, which screen readers name. */
export const nameOf = (emoji) => names.get(emoji) ?? emoji;

/** The one emoji that a text is, shown as a picture; null if it is something else. */
export function oneEmoji(text) {
  const trimmed = text.trim();
  const parts = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(trimmed)];
  if (parts.length !== 1 || !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(trimmed)) return null;
  // Some are text unless they ask to be a picture.
  const isPicture = /^\p{Emoji_Presentation}/u.test(trimmed) || [...trimmed].length > 1;
  return isPicture ? trimmed : `${trimmed}\ufe0f`;
}
