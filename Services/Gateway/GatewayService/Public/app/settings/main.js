// The settings: theme, text size and notifications change at once, and the list of sections says where one is.
import { applyAppearance, keepAppearance } from '../appearance.js';
import { characters } from '../format.js';
import { localiseTimes } from '../page-times.js';
import { addPasswordButtons } from '../password-fields.js';
import { setUpKeeping } from './keeping.js';
import { setUpNotifications } from './notifications.js';

localiseTimes();
addPasswordButtons();
setUpNotifications(document.getElementById('notifications'));
setUpKeeping(document.getElementById('device'));
countCharacters(document.getElementById('about'));
changeAppearanceAtOnce(document.getElementById('appearance-form'));
markSection(document.querySelectorAll('.settings-nav a'));

/** Says below a field how much of its room is taken. */
function countCharacters(field) {
  const hint = document.getElementById('about-hint');
  const [before, behind] = hint.textContent.split(`At most ${field.maxLength} characters.`);
  const count = () => {
    hint.textContent = `${before}${characters(field.value)} of ${field.maxLength} characters.${behind}`;
  };
  field.addEventListener('input', count);
  count();
}

function changeAppearanceAtOnce(form) {
  const state = document.getElementById('appearance-state');
  let wanted = 0;
  let saving = Promise.resolve();
  form.classList.add('at-once');
  state.textContent ||= 'A choice holds at once.';
  form.addEventListener('change', async () => {
    const chosen = Object.fromEntries(new FormData(form));
    const request = ++wanted;
    applyAppearance(chosen);
    state.textContent = '';
    // One after the other: the cookie of the last response counts.
    saving = saving.then(() => keepAppearance(chosen));
    const isKept = await saving;
    if (request !== wanted) return;
    state.textContent = isKept
      ? 'Saved in this browser.'
      : 'Not saved: the server did not answer. It holds until you leave this page; choose again to save it.';
  });
}

function markSection(links) {
  const sections = new Map([...links].map((link) => [document.querySelector(link.hash), link]));
  const inSight = new Set();
  const watch = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) inSight[isIntersecting ? 'add' : 'delete'](target);
    const top = [...sections.keys()].find((section) => inSight.has(section));
    if (!top) return;
    for (const [section, link] of sections) {
      if (section === top) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }, { rootMargin: '-96px 0px -40% 0px' });
  for (const section of sections.keys()) watch.observe(section);
}
