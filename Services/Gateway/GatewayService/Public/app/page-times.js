// Puts the times of a page into the reader's own time zone and words, and keeps them true.
import { ago, clockWithSeconds, exactly } from './format.js';

const words = {
  ago,
  until: (moment) => `at ${clockWithSeconds(moment)}`,
};

export function localiseTimes() {
  localise();
  setInterval(localise, 30_000);
}

function localise() {
  for (const time of document.querySelectorAll('time[data-form]')) {
    const text = words[time.dataset.form](time.dateTime);
    if (time.textContent !== text) time.textContent = text;
    time.title = exactly(time.dateTime);
  }
}
