// Whether this browser shows notifications, and what somebody can do if it does not.

/**
 * "granted", "default" while nobody has answered, "denied", "insecure" on a page that came over plain HTTP, or "missing"
 * where the browser has none.
 */
export function permission() {
  if (!isSecureContext) return 'insecure';
  return typeof Notification === 'undefined' ? 'missing' : Notification.permission;
}

/** Asks the browser, which asks somebody; to be called from what they pressed. Resolves with `permission()`. */
export async function askPermission() {
  if (permission() !== 'default') return permission();
  // Some browsers reject, or know only the form with a function.
  await new Promise((resolve) => {
    Notification.requestPermission(resolve)?.then(resolve, resolve);
  });
  return permission();
}

/** Calls `onChange()` when the permission may have changed, for instance in the browser's own settings. */
export async function watchPermission(onChange) {
  addEventListener('focus', onChange);
  const status = await navigator.permissions?.query({ name: 'notifications' }).catch(() => null);
  status?.addEventListener('change', onChange);
}

/** Why notifications cannot be had, and the way out; null if they can. */
export function obstacle(state = permission()) {
  return {
    insecure: 'Browsers allow notifications only on pages that come over HTTPS, and this one did not. '
      + 'Whoever runs this server can change that.',
    missing: 'This browser has no notifications. On an iPhone or iPad, add Martlet to the home screen and open it from there.',
    denied: 'The browser blocks notifications of this page. Allow them in its settings for this site, beside the address; '
      + 'then turn them on here.',
  }[state] ?? null;
}
