// The part of the server's interface that is about groups. Loaded with what needs it.
import { request } from './api.js';

const of = (id) => `/conversations/${id}`;

export const groupApi = {
  /** A repeat with the same id answers with the same group. */
  create: (clientMessageId, { name, about, showsHistory, usernames }) =>
    request('POST', '/groups', { clientMessageId, name, about, showsHistory, usernames }),
  change: (id, change) => request('PATCH', `${of(id)}/group`, change),
  members: (id, after) => request('GET', `${of(id)}/members?${new URLSearchParams({ ...(after && { after }), limit: 200 })}`),
  add: (id, usernames) => request('POST', `${of(id)}/members`, { usernames }),
  remove: (id, user) => request('DELETE', `${of(id)}/members/${user}`),
  shared: (username) => request('GET', `/users/${encodeURIComponent(username)}/groups`),
  readers: (id, seq) => request('GET', `${of(id)}/messages/${seq}/readers`),
  invitations: (id) => request('GET', `${of(id)}/invitations`),
  /** A repeat with the same id answers with the same invitation. */
  invite: (id, invitation) => request('POST', `${of(id)}/invitations`, invitation),
  revoke: (id, invitation) => request('DELETE', `${of(id)}/invitations/${invitation}`),
  setRole: (id, user, role) => request('PUT', `${of(id)}/members/${user}/role`, { role }),
};
