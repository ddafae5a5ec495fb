// What pages and files are answered with. A server that works always gives the page; the shell is for when none answers.

// The gateway writes this before the script: the release that it was made by, and the files that the shell needs.
const { version, files } = self.martlet;
const prefix = 'martlet-';
const name = prefix + version;
const shell = '/shell';
const notHere = '/offline';
// A chat page that takes longer opens with what is kept; the live stream brings the rest.
const patience = 4_000;
const kept = { cacheName: name, ignoreVary: true };
const chatPaths = /^\/(?:chatwith(?:me\/[^/]+)?|g\/[^/]+)?$/u;

/** Keeps the shell, the page for what is not kept, and their files, all of this release; rejects if any cannot be had. */
export async function fill() {
  const cache = await caches.open(name);
  const addresses = [shell, notHere, ...files.map((path) => `/assets/${version}/${path}`)];
  await Promise.all(addresses.map(async (address) => {
    // Without the cookie: nothing in it is anybody's.
    const response = await fetch(address, { credentials: 'omit' });
    if (!await isOfThisRelease(response.clone())) throw new Error(`${address} is of another release.`);
    await cache.put(address, response);
  }));
}

/** Deletes what other releases kept. */
export async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((each) => each.startsWith(prefix) && each !== name).map((each) => caches.delete(each)));
}

/** Answers a file of this release; undefined for anything else. */
export function answerAsset(request) {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || !pathname.startsWith(`/assets/${version}/`)) return undefined;
  return keptOrFetched(request);
}

/** Answers a page that is gone to; undefined for forms that are sent. */
export function answerPage(event) {
  const { request } = event;
  if (request.method !== 'GET') return undefined;
  const network = fetch(request);
  if (!chatPaths.test(new URL(request.url).pathname)) return network.catch(() => keptPage(notHere));
  event.waitUntil(network.then(refill).catch(() => undefined));
  return freshOrShell(network);
}

async function freshOrShell(network) {
  const fresh = await Promise.race([network.catch(() => null), wait(patience)]);
  // A proxy that finds no gateway behind it answers like this.
  if (fresh && fresh.status !== 502 && fresh.status !== 504) return fresh;
  const opened = await caches.match(shell, kept);
  return opened ?? network;
}

async function keptOrFetched(request) {
  const found = await caches.match(request, kept);
  if (found) return found;
  const response = await fetch(request);
  if (response.ok && await isOfThisRelease(response.clone())) {
    const cache = await caches.open(name);
    await cache.put(request, response.clone());
  }
  return response;
}

/** The cache is emptied when somebody signs out. */
async function refill() {
  if (!await caches.match(shell, kept)) await fill();
}

async function keptPage(address) {
  return await caches.match(address, kept) ?? Response.error();
}

/** During an update, gateways of two releases answer: only what is of this one may be kept together. */
async function isOfThisRelease(response) {
  if (!response.ok) return false;
  if (response.headers.get('content-type')?.startsWith('text/html')) {
    return (await response.text()).includes(`/assets/${version}/`);
  }
  return response.headers.get('cache-control')?.includes('immutable') ?? false;
}

function wait(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, null);
  });
}
