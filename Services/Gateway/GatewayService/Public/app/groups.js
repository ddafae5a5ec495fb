// What a conversation of this tab knows of its group, and the rules by which that changes. Pure.

/** What a group is: of two descriptions that of the higher head. */
export function newerGroup({ group, head }, summary) {
  if (!group || !summary.group) return group ?? summary.group ?? null;
  return summary.head < head || sameGroup(group, summary.group) ? group : summary.group;
}

function sameGroup(one, other) {
  return Object.keys({ ...one, ...other }).every((name) => one[name] === other[name]);
}

/**
 * The messages that a member of a group may see, who knew it as `before`. Whoever was out of it for a while begins anew: what
 * is older goes, or is there again.
 */
export function withinHistory(conversation, before) {
  if (!conversation.group) return conversation;
  const first = conversation.group.historyFrom;
  const messages = conversation.messages.filter(({ seq }) => seq >= first);
  // The first that a member sees is the line that made the group, or that let the member in. A tab may have shown more or less
  // in between, and never heard why.
  const hasOlder = messages.length > 0 ? messages[0].seq > Math.max(first, 1)
    : conversation.messages.length === 0 && (first < (before.group?.historyFrom ?? 0) || conversation.hasOlder);
  if (messages.length === conversation.messages.length && hasOlder === conversation.hasOlder) return conversation;
  return { ...conversation, messages, hasOlder };
}

/** Whether a member who sees everything is shown less: the first number is that of the line that made the group. */
export function beginsLater({ group, head }, messages) {
  return group?.historyFrom === 0 && (messages[0]?.seq ?? head + 1) > 1;
}

/**
 * This user is no member of the group any more: since the change `rev`, which a later one may have undone, or, without it,
 * because a sync has left the group out.
 */
export function withoutMembership(conversation, rev = null) {
  if (rev !== null && conversation.group?.version > rev) return conversation;
  return {
    ...conversation, isLeft: true, leftAt: rev ?? -1, unread: 0, mentions: [], countedHead: conversation.head, held: {}, loading: null, aside: {},
  };
}

/** What a line tells of the group that everybody sees. What it leaves open, a sync brings. */
export function withLine(conversation, { line, seq }) {
  const { group } = conversation;
  if (!group || group.version >= seq) return conversation;
  const change = { added: line.count, joined: 1, left: -1, removed: -1 }[line.type] ?? 0;
  return {
    ...conversation,
    group: {
      ...group,
      memberCount: group.memberCount + change,
      ...(changesMembers(line) && { version: seq }),
      ...(line.name && { name: line.name }),
      ...(line.showsHistory !== undefined && { showsHistory: line.showsHistory }),
    },
  };
}

/** The groups that a sync asked about by a cursor and did not describe: this user is no member of them. */
export function leftOut({ conversations }, cursors, summaries) {
  const described = new Set(summaries.map(({ id }) => id));
  return Object.keys(cursors).filter((id) => !described.has(id) && conversations[id]?.group);
}

/** Whether a line of a group leaves open what only a sync tells: the description, or this user's own place in it. */
export function needsExplaining({ me }, { line }) {
  return Boolean(line?.about) || Boolean(line && changesMembers(line) && line.users?.includes(me.id));
}

/** Whether a line changes who the members are, or their roles. */
function changesMembers({ type }) {
  return !['changed', 'invited', 'revoked'].includes(type);
}
