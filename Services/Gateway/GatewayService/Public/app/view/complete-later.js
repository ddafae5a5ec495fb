// The way to what completes names in a text field, which is loaded when the first one is begun.

/**
 * Loads it once `begun` matches what stands before the caret in `field`; `load()` resolves with a module whose `complete(field,
 * ...rest)` goes on from there.
 */
export function completeLater(field, begun, load, ...rest) {
  const consider = async () => {
    if (!begun.test(field.value.slice(Math.max(0, field.selectionStart - 60), field.selectionStart))) return;
    field.removeEventListener('input', consider);
    try {
      const { complete } = await load();
      complete(field, ...rest);
    } catch {
      // The text stays as it is, and the next name tries again.
      field.addEventListener('input', consider);
    }
  };
  field.addEventListener('input', consider);
}
