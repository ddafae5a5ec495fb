// The card of notifications. What is chosen holds at once, in this browser.
import { NoticeSettings } from '../notice-settings.js';
import { askPermission, obstacle, permission, watchPermission } from '../notify/permission.js';
import { playSound } from '../notify/sound.js';

export function setUpNotifications(card) {
  const settings = new NoticeSettings(card.dataset.user).watch();
  const state = card.querySelector('#notices-state');
  const field = (name) => card.querySelector(`[name="${name}"]`);
  let isAsking = false;

  const draw = () => {
    const { on, text, sound, quiet, direct } = settings.read();
    const present = permission();
    field('on').checked = on && present === 'granted';
    field('on').disabled = isAsking || ['insecure', 'missing'].includes(present);
    field('text').checked = text;
    field('sound').checked = sound;
    field('direct').value = direct;
    field('quiet').checked = quiet.on;
    for (const name of ['from', 'to']) {
      if (document.activeElement !== field(name)) field(name).value = quiet[name];
      field(name).disabled = !quiet.on;
    }
    const words = stateWords(present, on, isAsking);
    if (state.textContent !== words) state.textContent = words;
  };

  const turn = async (isWanted) => {
    if (isWanted) {
      isAsking = permission() === 'default';
      draw();
      await askPermission();
      isAsking = false;
    }
    settings.change({ on: isWanted && permission() === 'granted', asked: true });
  };

  card.addEventListener('change', ({ target }) => {
    const { name, checked, value } = target;
    if (name === 'on') turn(checked);
    else if (name === 'quiet') settings.change({ quiet: { ...settings.read().quiet, on: checked } });
    else if (name === 'direct') settings.change({ direct: value });
    else if (name === 'from' || name === 'to') {
      if (value) settings.change({ quiet: { ...settings.read().quiet, [name]: value } });
    } else settings.change({ [name]: checked });
    // So that it is known what it sounds like; and from now on the browser lets this page be heard.
    if (name === 'sound' && checked) playSound().catch(() => undefined);
  });
  settings.onChanged = draw;
  watchPermission(draw);
  draw();
}

function stateWords(present, on, isAsking) {
  if (isAsking) return 'The browser asks you now.';
  if (present === 'default') return 'The browser will ask you once.';
  if (present === 'granted') return on ? 'On: the browser has allowed it' : 'Off: the browser would allow it';
  return obstacle(present);
}
