// Short names that people know from elsewhere and that do not follow from the names of Unicode.

export const familiar = {
  '+1': '👍', thumbsup: '👍', '-1': '👎', thumbsdown: '👎', clap: '👏', wave: '👋', pray: '🙏', muscle: '💪', raised_hands: '🙌',
  shrug: '🤷', facepalm: '🤦', smile: '😄', smiley: '😃', grin: '😁', joy: '😂', rofl: '🤣', laughing: '😆', sweat_smile: '😅',
  wink: '😉', blush: '😊', heart_eyes: '😍', kissing_heart: '😘', thinking: '🤔', sunglasses: '😎', hug: '🤗', party: '🥳',
  open_mouth: '😮', scream: '😱', cry: '😢', sob: '😭', angry: '😠', rage: '😡', sleeping: '😴', upside_down: '🙃',
  heart: '❤️', tada: '🎉', gift: '🎁', birthday: '🎂', cake: '🍰', coffee: '☕', beer: '🍺', sunny: '☀️', bulb: '💡',
  white_check_mark: '✅', check: '✅', x: '❌', question: '❓', exclamation: '❗', 100: '💯', poop: '💩', see_no_evil: '🙈',
};
