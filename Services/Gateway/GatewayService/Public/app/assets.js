// Where files are that a page loads later than with itself.

/** Adds a style sheet to the page; resolves when it holds. */
export function addStyleSheet(path) {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    Object.assign(link, { rel: 'stylesheet', href: assetAddress(path), onload: resolve });
    link.onerror = () => {
      link.remove();
      reject(new Error(`The style sheet ${path} could not be loaded.`));
    };
    document.head.append(link);
  });
}

/** The address of a public file, of the same version as the page's script. */
export function assetAddress(path) {
  return new URL(`../${path}`, document.querySelector('script[type="module"][src*="/app/"]').src).href;
}
