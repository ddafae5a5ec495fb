// What is open over the page, the topmost last. Escape closes that one and nothing else.

const layers = [];

/** Notes that something is open which `close()` closes; the answer is to be called once it is closed, however that came. */
export function openLayer(close) {
  const layer = { close };
  layers.push(layer);
  return () => {
    const index = layers.indexOf(layer);
    if (index >= 0) layers.splice(index, 1);
  };
}

/** Whether something is open over the page. */
export const hasLayers = () => layers.length > 0;

// Before anything in the layer, or under it, takes the key for itself.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing || layers.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
  layers.at(-1).close();
}, { capture: true });
