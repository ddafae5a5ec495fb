// What stands before the caret, where the name of an emoji may be written.
import { endsInCode } from '../completion/code.js';

// A name may stand at the beginning, behind a space or an opening sign, or behind an emoji; not behind a letter, a digit, a
// colon or a slash, as in times, addresses and paths.
const name = /(?<=^|[\s([{<"'“‘*_~>-]|\p{Extended_Pictographic}|\ufe0f|[\u{1f3fb}-\u{1f3ff}]):([\p{L}\p{N}_+-]{2,40})(:?)$/u;

/**
 * The name of an emoji that ends at `caret`: `{ name, from, isClosed }`, where `from` is the place of its first colon and
 * `isClosed` whether the second one stands there. Null if there is none, or what is there looks like code or an address.
 */
export function nameBefore(text, caret) {
  const before = text.slice(0, caret);
  const match = name.exec(before);
  if (!match || isInAddress(before) || endsInCode(before)) return null;
  return { name: match[1].toLowerCase(), from: match.index, isClosed: match[2] === ':' };
}

function isInAddress(before) {
  const word = /\S*$/.exec(before)[0];
  return /:\/\/|^\W*(www\.|mailto:)|^\W*\w[\w.+-]*@/i.test(word);
}
