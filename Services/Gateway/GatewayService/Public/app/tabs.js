// The tabs of one browser share one live stream: browsers allow six connections to a host, and one is enough.
// The tab that holds the lock holds the stream and passes every event on. When it closes, the next one takes over.

const lockName = 'martlet-stream';
const channelName = 'martlet';

/**
 * Shares a stream among the tabs of this browser that are signed in as the same user.
 *
 * `openStream({ signal, onEvent, onLink })` is called in the one tab that holds the stream. Every tab gets every event
 * through `onEvent(name, data)` and every change of the link through `onLink(state)`. Without Web Locks, which exist only
 * on secure origins, each tab holds a stream of its own.
 */
export function shareStream({ userId, openStream, onEvent, onLink, onNote }) {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`${channelName}-${userId}`);
  let link = 'connecting';
  let leading = false;

  const tell = (message) => channel?.postMessage(message);
  const lead = async (signal) => {
    leading = true;
    // Between the last tab's stream and this one's, events were missed: nobody is up to date until this one is open.
    link = 'connecting';
    tell({ kind: 'link', state: link });
    onLink(link);
    await openStream({
      signal,
      onEvent(name, data) {
        tell({ kind: 'event', name, data });
        onEvent(name, data);
      },
      onLink(state) {
        link = state;
        tell({ kind: 'link', state });
        onLink(state);
      },
    });
    leading = false;
  };

  channel?.addEventListener('message', ({ data: message }) => {
    if (message.kind === 'note') onNote?.(message.note);
    if (leading) {
      if (message.kind === 'hello') tell({ kind: 'link', state: link });
      return;
    }
    if (message.kind === 'event') onEvent(message.name, message.data);
    if (message.kind === 'link') onLink(message.state);
  });

  const ended = new AbortController();
  if (navigator.locks && channel) {
    navigator.locks.request(`${lockName}-${userId}`, { signal: ended.signal }, () => lead(ended.signal))
      .catch(() => undefined);
    tell({ kind: 'hello' });
  } else {
    lead(ended.signal);
  }
  return {
    /** Tells the other tabs something that no server event tells them. */
    note: (note) => tell({ kind: 'note', note }),
    end: () => ended.abort(),
    /** Whether this tab holds the stream. */
    get isLeading() {
      return leading;
    },
  };
}

/** Runs `work` while no other tab runs work of the same name. */
export function alone(name, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(`martlet-${name}`, work);
}
