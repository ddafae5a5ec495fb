// Registers the service worker. Browsers have them on secure origins only; without one everything else works.

const address = '/service-worker.js';

export async function registerWorker() {
  if (!navigator.serviceWorker) return;
  // Where the page may only load scripts from addresses that were looked at, this is the look at this one.
  const policy = globalThis.trustedTypes?.createPolicy('martlet-worker', { createScriptURL: () => address });
  await navigator.serviceWorker.register(policy?.createScriptURL(address) ?? address, { updateViaCache: 'none' });
}
