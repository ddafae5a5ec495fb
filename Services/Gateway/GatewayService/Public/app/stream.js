// The live stream of server-sent events. It reconnects for ever, unless the session has ended.
import { delayBefore, pause } from './backoff.js';

const eventNames = [
  'message.sent', 'message.changed', 'position.changed', 'conversation.opened', 'conversation.settings',
  'conversation.closed', 'conversation.typing', 'draft.changed', 'user.changed', 'resync', 'digest', 'version',
];
// The server sends something every 15 s; a stream that is silent for longer than this is dead.
const silenceLimit = 45_000;

/**
 * Keeps one stream open until `signal` is aborted.
 *
 * `onEvent(name, data)` gets every event with its data parsed; `onLink(state)` gets "connecting", "live" and "offline";
 * `checkSession()` is asked after a failure whether the session still lives, and rejects if nobody answers.
 */
export async function keepStreamOpen({ signal, onEvent, onLink, checkSession }) {
  let attempt = 0;
  while (!signal.aborted) {
    const { retryHint, openedAt } = await oneStream({ signal, onEvent, onLink });
    if (signal.aborted) return;
    if (openedAt !== null && performance.now() - openedAt > 10_000) attempt = 0;
    attempt += 1;
    onLink(attempt === 1 && navigator.onLine ? 'connecting' : 'offline');
    await pause(retryHint ?? delayBefore(attempt, { first: 400, limit: 15_000 }), signal);
    try {
      if (!await checkSession()) return;
    } catch {
      // Nobody answered: the next attempt will tell.
    }
  }
}

/** Resolves when the stream has ended: when it was opened, if it was, and the delay that the server asked for, if it did. */
function oneStream({ signal, onEvent, onLink }) {
  return new Promise((resolve) => {
    const source = new EventSource('/api/v1/events');
    let silence;
    let retryHint = null;
    let openedAt = null;
    const finish = () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', finish);
      removeEventListener('offline', finish);
      source.close();
      resolve({ retryHint, openedAt });
    };
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(finish, silenceLimit);
    };
    heard();
    signal.addEventListener('abort', finish);
    // A connection that outlives the network's absence cannot be told from a dead one: begin anew when it is back.
    addEventListener('offline', finish);
    source.addEventListener('open', heard);
    // Only from the first of these on, the server hears everything that is for this user: a sync before it would be early.
    source.addEventListener('alive', () => {
      heard();
      if (openedAt !== null) return;
      openedAt = performance.now();
      onLink('live');
    });
    source.addEventListener('error', finish);
    source.addEventListener('goodbye', (event) => {
      retryHint = Number(event.data) || null;
      finish();
    });
    for (const name of eventNames) {
      source.addEventListener(name, (event) => {
        heard();
        onEvent(name, event.data ? JSON.parse(event.data) : null);
      });
    }
  });
}
