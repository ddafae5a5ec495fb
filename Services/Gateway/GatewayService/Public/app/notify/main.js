// What tells of new messages, beyond the page's title: notifications, sound, the tab's icon. Loaded when it is first wanted.
import '../main.js';
import { unreadTotal } from '../selectors.js';
import { Claims } from './claims.js';
import { Desktop } from './desktop.js';
import { NoticeHint } from './hint.js';
import { Notifier } from './notifier.js';
import { TabIcon, markWith } from './tab-icon.js';

/** Answers a function that takes what arrives. `goTo(path)` shows what somebody chose, `isTelling` is that of `Notifier`. */
export function start({ store, settings, userId, goTo, isTelling }) {
  const icon = new TabIcon();
  const desktop = new Desktop({ icon: () => markWith(0), onOpen: goTo });
  const hint = new NoticeHint(settings);
  // Asked before, whoever agrees at once would be told of what they have just been asked about.
  const notifier = new Notifier({
    store, settings, claims: new Claims(userId), desktop, isTelling, onAway: () => hint.offer(),
  });
  store.subscribe((state) => icon.show(unreadTotal(state)));
  icon.show(unreadTotal(store.state));
  return (arrival) => notifier.arrived(arrival);
}
