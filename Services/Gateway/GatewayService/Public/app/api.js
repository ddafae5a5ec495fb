// The server's HTTP interface. Every failure is an `ApiError` that says whether a retry makes sense.

const requestTimeout = 15_000;
let actor = null;

/** Makes every request one of this user: the cookie may meanwhile have become somebody else's. */
export function actAs(userId) {
  actor = userId;
}

/** What went wrong with a request. */
export class ApiError extends Error {
  constructor({ status, code, message, field, retryAfter, present }) {
    super(message);
    this.name = 'ApiError';
    /** The HTTP status; 0 if no answer came. */
    this.status = status;
    this.code = code;
    this.field = field ?? null;
    /** Milliseconds that the server asked to wait, or null. */
    this.retryAfter = retryAfter ?? null;
    /** The message as it is now, if a change was refused because another one was faster; else null. */
    this.present = present ?? null;
  }

  /** Whether the same request may succeed later, or may even have succeeded: worth repeating as it is. */
  get isTransient() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  get isSignedOut() {
    return this.status === 401;
  }
}

export const api = {
  account: () => request('GET', '/account'),
  /** People of whom any part of a name is the text; without a text a page of all. */
  users: (text, after) =>
    request('GET', `/users?${query(text ? { search: text, limit: 30 } : { after, limit: 30 })}`),
  user: (username) => request('GET', `/users/${encodeURIComponent(username)}`),
  conversations: (after) => request('GET', `/conversations?${query({ after, limit: 50 })}`),
  conversation: (id) => request('GET', `/conversations/${id}`),
  open: (username) => request('POST', '/conversations', { username }),
  /** The newest messages, or those next to a number: `before` or `after` it. */
  history: (id, { before, after, limit = 50 } = {}) =>
    request('GET', `/conversations/${id}/messages?${query({ before, after, limit })}`),
  send: (id, clientMessageId, text, replyTo) =>
    request('POST', `/conversations/${id}/messages`, { clientMessageId, text, replyTo }),
  edit: (id, seq, text, rev) => request('PATCH', `/conversations/${id}/messages/${seq}`, { text, rev }),
  remove: (id, seq) => request('DELETE', `/conversations/${id}/messages/${seq}`),
  react: (id, seq, emoji, wanted) => request(wanted ? 'PUT' : 'DELETE',
    `/conversations/${id}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`),
  /** Goes on if the page is left meanwhile. */
  position: (id, position) => request('PUT', `/conversations/${id}/position`, position, { keepalive: true }),
  settings: (id, change) => request('PATCH', `/conversations/${id}/settings`, change),
  leave: (id, user, clientMessageId) => request('DELETE', `/conversations/${id}/members/${user}`, { clientMessageId }),
  typing: (id) => request('POST', `/conversations/${id}/typing`),
  /** Goes on if the page is left meanwhile. */
  markUnread: (id, from, unreadMarks) =>
    request('POST', `/conversations/${id}/unread`, { from, unreadMarks }, { keepalive: true }),
  sync: (cursors, recent, gaps) => request('POST', '/sync', { cursors, recent, gaps }),
};

/** Asks the server; answers what it says, or fails with an `ApiError`. */
export async function request(method, path, body, options) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...(actor && { 'x-martlet-user': actor }) },
      body: body ? JSON.stringify(body) : undefined,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(requestTimeout),
      ...options,
    });
  } catch {
    throw new ApiError({ status: 0, code: 'no-answer', message: 'The server did not answer.' });
  }
  const text = await response.text().catch(() => '');
  if (response.ok) {
    if (!text) return null;
    try {
      return JSON.parse(text);
    } catch {
      throw new ApiError({ status: 0, code: 'cut-off', message: 'The answer was cut off.' });
    }
  }
  throw errorOf(response, text);
}

function errorOf(response, text) {
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // A proxy in between answered with something else; the status has to do.
  }
  const seconds = Number(response.headers.get('retry-after'));
  return new ApiError({
    status: response.status,
    code: problem.code ?? `http-${response.status}`,
    message: problem.detail ?? problem.title ?? `The server answered with ${response.status}.`,
    field: problem.field,
    present: problem.message,
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null,
  });
}

function query(values) {
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return new URLSearchParams(present).toString();
}
