// What pages outside the chat have of script: times in the reader's time zone. Everything else works without.
import { ago, clockWithSeconds, exactly } from '../format.js';

const words = {
  ago,
  until: (moment) => `at ${clockWithSeconds(moment)}`,
};

function localise() {
  for (const time of document.querySelectorAll('time[data-form]')) {
    const text = words[time.dataset.form](time.dateTime);
    if (time.textContent !== text) time.textContent = text;
    time.title = exactly(time.dateTime);
  }
}

localise();
setInterval(localise, 30_000);
