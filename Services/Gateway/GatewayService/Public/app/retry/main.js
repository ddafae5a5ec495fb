// The page of a server that cannot answer: asks again now and then, and loads the page as soon as that works.
import { localiseTimes } from '../page-times.js';

const interval = 10;
const words = document.getElementById('retry-words');
let left = interval;

localiseTimes();
setInterval(count, 1_000);

async function count() {
  left -= 1;
  if (left > 0) {
    words.textContent = `This page tries again in ${left} second${left === 1 ? '' : 's'}.`;
    return;
  }
  if (left < 0) return;
  words.textContent = 'Trying again…';
  const isBack = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then((answer) => answer.status < 500, () => false);
  if (isBack) location.reload();
  else left = interval;
}
