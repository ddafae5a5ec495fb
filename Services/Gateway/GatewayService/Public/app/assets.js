// Where files are that a page loads later than with itself.

/** The address of a public file, of the same version as the page's script. */
export function assetAddress(path) {
  return new URL(`../${path}`, document.querySelector('script[type="module"][src*="/app/"]').src).href;
}
