// What there is to choose from where the server has no list of emoji.

export const common = [['Often used', Object.entries({
  '👍': 'thumbs up', '👎': 'thumbs down', '❤️': 'red heart', '😂': 'face with tears of joy', '😮': 'face with open mouth',
  '🙏': 'folded hands', '🎉': 'party popper', '👏': 'clapping hands', '😀': 'grinning face', '😄': 'grinning face with smiling eyes',
  '😊': 'smiling face with smiling eyes', '😉': 'winking face', '😍': 'smiling face with heart-eyes', '🤔': 'thinking face',
  '😅': 'grinning face with sweat', '😎': 'smiling face with sunglasses', '😢': 'crying face', '😡': 'enraged face',
  '😴': 'sleeping face', '🤗': 'smiling face with open hands', '🤷': 'person shrugging', '🤦': 'person facepalming',
  '🙌': 'raising hands', '👋': 'waving hand', '👌': 'OK hand', '🤝': 'handshake', '💪': 'flexed biceps',
  '🤞': 'crossed fingers', '👀': 'eyes', '🧠': 'brain', '💡': 'light bulb', '✅': 'check mark button', '❌': 'cross mark',
  '❓': 'red question mark', '❗': 'red exclamation mark', '⭐': 'star', '🔥': 'fire', '💯': 'hundred points', '🚀': 'rocket',
  '🐛': 'bug', '☕': 'hot beverage', '🍰': 'shortcake', '🍕': 'pizza', '🌈': 'rainbow', '☀️': 'sun',
  '🌧️': 'cloud with rain', '🎂': 'birthday cake', '🎁': 'wrapped gift', '💔': 'broken heart',
})]];
