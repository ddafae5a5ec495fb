// The drawn lines of actions.
import { icon } from './dom.js';

const lines = {
  react: 'M20.3 10.5A8.5 8.5 0 1 1 13.5 3.7M8.5 14.3a4.3 4.3 0 0 0 7 0M19 2.5v6M16 5.5h6M9.2 9.8h.01M14.4 9.8h.01',
  reply: 'M9.5 6.5 4 12l5.5 5.5M4 12h9.5a6.5 6.5 0 0 1 6.5 6.5',
  edit: 'M4 20l1-4.4L16.3 4.3a1.9 1.9 0 0 1 2.7 0l.7.7a1.9 1.9 0 0 1 0 2.7L8.4 19zM14 6.6l3.4 3.4',
  'copy-text': 'M11 8.5h6a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5h-6A2.5 2.5 0 0 1 8.5 17v-6A2.5 2.5 0 0 1 11 8.5z'
    + 'M15.5 5.6A1.9 1.9 0 0 0 13.7 4H6a2 2 0 0 0-2 2v7.7c0 .9.7 1.7 1.6 1.8',
  'copy-link': 'M10 13.8a4 4 0 0 0 5.7.2l3.1-3.1a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10.2a4 4 0 0 0-5.7-.2l-3.1 3.1a4 4 0 0 0 '
    + '5.7 5.7l1.2-1.2',
  delete: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 11a1.7 1.7 0 0 0 1.7 1.6h6a1.7 1.7 0 0 0 1.7-1.6l.8-11M10 11v5M14 11v5',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  plus: 'M12 5v14M5 12h14',
  cancel: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
};

export function actionIcon(name, size = 18) {
  const drawn = icon(lines[name], { width: size, height: size });
  drawn.classList.add(`icon-${name}`);
  return drawn;
}
