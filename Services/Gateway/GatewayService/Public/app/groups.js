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
  const first = conversation.group?.historyFrom ?? 0;
  const { messages } = conversation;
  if (first < (before.group?.historyFrom ?? 0)) return { ...conversation, hasOlder: beginsLater(conversation, messages) };
  if (!first || (messages[0]?.seq ?? first) >= first) return conversation;
  return { ...conversation, messages: messages.filter(({ seq }) => seq >= first), hasOlder: false };
}

/** Whether a member who sees everything is shown less: the first number is that of the line that made the group. */
export function beginsLater({ group, head }, messages) {
  return group?.historyFrom === 0 && (messages[0]?.seq ?? head + 1) > 1;
}

/** This user is no member of the group any more, from the change `rev` on; a later one may have brought them back. */
export function withoutMembership(conversation, rev) {
  if ((conversation.group?.historyFrom ?? 0) > rev || conversation.group?.version > rev) return conversation;
  return { ...conversation, isLeft: true, unread: 0, countedHead: conversation.head, held: {}, loading: null, aside: {} };
}

/** What a line tells of the group that everybody sees. What it leaves open, a sync brings. */
export function withLine(conversation, { line, seq }) {
  const { group } = conversation;
  if (!group || group.version >= seq) return conversation;
  const change = { added: line.count, left: -1, removed: -1 }[line.type] ?? 0;
  return {
    ...conversation,
    group: {
      ...group,
      memberCount: group.memberCount + change,
      ...(line.type !== 'changed' && { version: seq }),
      ...(line.name && { name: line.name }),
      ...(line.showsHistory !== undefined && { showsHistory: line.showsHistory }),
    },
  };
}

/**
 * Whether a message of a group tells what only a sync explains: somebody whom this tab has no name of, what the line leaves
 * open, or a change of this user's own place in it.
 */
export function needsExplaining({ users, me }, { sender, line }) {
  const isKnown = [sender, ...(line?.users ?? [])].every((id) => users[id]);
  return !isKnown || Boolean(line?.about) || Boolean(line && line.type !== 'changed' && line.users?.includes(me.id));
}
