// What the server hands over with the page: the answers of the API that it was made of.

/**
 * Reads it: `list` of conversations, `people`, and the `shown` conversation with its newest messages. What the server
 * could not look up is absent, as everything is in a page without it.
 */
export function pageState() {
  const text = document.getElementById('page-state')?.textContent;
  return text ? JSON.parse(text) : {};
}
