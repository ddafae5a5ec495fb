/** Puts a text in the place of what is selected in a field, or of what stands from `from` to `to`, as if it had been typed. */
export function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(from, to);
  // Unlike the other way, this one can be undone by the user.
  if (document.execCommand('insertText', false, text)) return;
  field.setRangeText(text, from, to, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
