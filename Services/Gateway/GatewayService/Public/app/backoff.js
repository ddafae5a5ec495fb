// Waiting between attempts: exponential with full jitter, so that many clients do not come back at once.

/** The delay in milliseconds before attempt number `attempt` (from 1). `random` is in [0, 1). */
export function delayBefore(attempt, { first = 500, limit = 30_000, atLeast = null, random = Math.random() } = {}) {
  const ceiling = Math.min(limit, first * 2 ** Math.min(attempt - 1, 16));
  return Math.max(atLeast ?? 0, 50) + random * ceiling;
}

const pauses = new Set();

/** Ends every pause of this tab: what waits is tried again at once. */
export function retryNow() {
  for (const finish of [...pauses]) finish();
}

/** Waits; ends early when the page comes online again, somebody asks for it, or `signal` is aborted. */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      pauses.delete(finish);
      removeEventListener('online', finish);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    pauses.add(finish);
    addEventListener('online', finish);
    signal?.addEventListener('abort', finish);
  });
}
