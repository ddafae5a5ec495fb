// Where files are that a page loads later than with itself.

const sheets = new Map();

/** Adds a style sheet to the page, once; resolves when it holds. */
function addStyleSheet(path) {
  if (!sheets.has(path)) {
    sheets.set(path, new Promise((resolve, reject) => {
      const link = document.createElement('link');
      Object.assign(link, { rel: 'stylesheet', href: assetAddress(path), onload: resolve });
      link.onerror = () => {
        link.remove();
        sheets.delete(path);
        reject(new Error(`The style sheet ${path} could not be loaded.`));
      };
      document.head.append(link);
    }));
  }
  return sheets.get(path);
}

/**
 * Answers a function that loads a script, and the style sheets that it needs, when it is first called, and resolves with what
 * the script exports. What failed is tried again by the next call.
 */
export function laterModule(path, ...stylePaths) {
  let module = null;
  let styles = null;
  let attempts = 0;
  return async () => {
    styles ??= Promise.all(stylePaths.map(addStyleSheet)).catch((error) => {
      styles = null;
      throw error;
    });
    // Browsers remember a module that could not be loaded by its address.
    module ??= import(assetAddress(`${path}${attempts ? `?attempt=${attempts}` : ''}`)).catch((error) => {
      module = null;
      attempts += 1;
      throw error;
    });
    const [loaded] = await Promise.all([module, styles]);
    return loaded;
  };
}

/** The address of a public file, of the same version as the page's script. */
export function assetAddress(path) {
  return new URL(`../${path}`, document.querySelector('script[type="module"][src*="/app/"]').src).href;
}
