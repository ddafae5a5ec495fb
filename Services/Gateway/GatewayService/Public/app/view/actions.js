// What can be done with a message, and in which words.
const words = {
  react: 'React',
  reply: 'Reply',
  edit: 'Edit',
  'copy-text': 'Copy the text',
  'copy-link': 'Copy a link to this message',
  unread: 'Mark as unread from here',
  delete: 'Delete…',
};
const keys = { reply: 'R', edit: 'E', 'copy-text': 'C', react: '+', unread: 'Shift U', delete: 'Del' };

/** The names of what can be done with a row of the list, in their order. */
export function actionsOf(row) {
  const isStored = Boolean(row.seq);
  if (row.deleted) return isStored ? ['copy-link'] : [];
  if (row.progress === 'failed') return ['copy-text'];
  const can = {
    react: isStored && !row.isSystem && !row.isClosed,
    reply: isStored && !row.isSystem && !row.isClosed,
    edit: row.mine && !row.isSystem && !row.isClosed,
    'copy-text': true,
    'copy-link': isStored,
    unread: isStored && !row.mine && !row.isSystem,
    delete: row.mine && !row.isSystem,
  };
  return Object.keys(can).filter((name) => can[name]);
}

export const wordsFor = (name) => words[name];
export const keyFor = (name) => keys[name];

/** The action that a key stands for while a message has the focus, or undefined. */
export function actionForKey({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (ctrlKey || metaKey || altKey) return undefined;
  if (shiftKey && key.toLowerCase() === 'u') return 'unread';
  return { r: 'reply', e: 'edit', c: 'copy-text', '+': 'react', Delete: 'delete' }[key.length === 1 ? key.toLowerCase() : key];
}
