// The whole state of a tab as a pure function of events. Nothing here touches the page, the network or the clock. What is read
// off it is in `selectors.js`.
import * as Conversation from './conversation.js';
import { leftOut, needsExplaining, withoutMembership } from './groups.js';
import { isSend, isSettings, unsettled } from './pending.js';
import { hasCount, readPosition } from './unread.js';

const nobody = { text: '', users: [], next: null, loaded: false };

/** The state of a tab that has heard nothing yet. `me` is the signed-in user, `now` the time in milliseconds. */
export function initialState(me, now = 0) {
  return {
    me,
    /** The time, as far as anything depends on it: it is told again when that changes. */
    now,
    users: { [me.id]: me },
    conversations: {},
    listed: false,
    selected: null,
    opening: null,
    divider: null,
    /** The conversation on the screen, if messages of it were marked as unread since it was opened; or null. */
    keptUnread: null,
    outbox: [],
    link: 'connecting',
    offlineSince: null,
    syncing: false,
    needsSync: false,
    behind: [],
    problem: null,
    list: { text: '', show: 'all' },
    more: null,
    drafts: {},
    /** Who is writing just now: conversation to user ids, in the order in which they began. */
    typing: {},
    /** What this browser's user wants to be told of: `direct` is "all" or "none". */
    notices: { direct: 'all' },
    people: { search: nobody, directory: nobody, switcher: nobody },
  };
}

/** The state after an event. Unknown events change nothing. */
export function reduce(state, event) {
  const handle = handlers[event.type];
  return handle ? keepUnread(state, handle(state, event)) : state;
}

/** What was marked as unread, here or elsewhere, stays so while it is on this tab's screen, until it is opened again. */
function keepUnread(before, after) {
  const { selected } = after;
  const marks = (state) => state.conversations[selected]?.members[state.me.id]?.unreadMarks ?? 0;
  const isMarked = selected && selected === before.selected && marks(after) > marks(before) && before.conversations[selected];
  return isMarked ? { ...after, keptUnread: selected } : after;
}

const handlers = {
  'users-learned': (state, { users }) => ({ ...state, users: { ...state.users, ...users } }),

  // `next` is where the list goes on, if it does.
  'conversations-listed': (state, { conversations, users, next }) => ({
    ...describe(state, conversations, users),
    listed: true,
    more: next ?? null,
  }),

  'conversation-described': (state, { conversation, users }) => describe(state, [conversation], users ?? {}),

  'page-loaded': (before, { conversation, page }) => {
    const state = learn(before, page.users);
    const known = state.conversations[conversation];
    // Something arrived while the page was on its way; the page does not have it.
    const isBehind = known && !known.loaded && known.head > page.head;
    const next = settle(change(state, conversation, (each) => Conversation.withOpeningPage(each, page, state.me.id)));
    return isBehind ? { ...next, needsSync: true } : next;
  },

  // `side` is "older" or "newer", of what is shown, or "around", which takes its place; `from` is the message at that end.
  'history-requested': (state, { conversation, side }) => change(state, conversation, (known) =>
    Conversation.withPageRequested(known, side)),
  'history-loaded': (state, { conversation, side, from, page }) => settle(change(learn(state, page.users), conversation, (known) =>
    Conversation.withPageLoaded(known, page, side, from, state.me.id))),
  'history-failed': (state, { conversation }) => change(state, conversation, Conversation.withoutPage),

  // A message of a conversation that this tab has never heard of: a sync will describe it.
  'message-arrived': (state, { message }) => (state.conversations[message.conversation]
    ? settle(withoutTyping({
      ...change(state, message.conversation, (known) => Conversation.withMessage(known, message, state.me.id)),
      ...(needsExplaining(state, message) && { needsSync: true }),
    }, message.conversation, message.sender))
    : { ...state, needsSync: true }),

  // From now on nothing more comes of it.
  'conversation-closed': (state, { conversation, rev }) => change(state, conversation, (known) => withoutMembership(known, rev)),

  'typing-heard': (state, { conversation, user }) => {
    const known = state.typing[conversation] ?? [];
    // Somebody whom no sync has described yet has no name to show.
    const isKnown = state.conversations[conversation]?.group ? state.users[user]
      : state.conversations[conversation]?.members[user];
    if (known.includes(user) || user === state.me.id || !isKnown) return state;
    return { ...state, typing: { ...state.typing, [conversation]: [...known, user] } };
  },
  'typing-ended': (state, { conversation, user }) => withoutTyping(state, conversation, user),

  // The server's answer to a change that was made here.
  'change-answered': (state, { message }) => settle(change(state, message.conversation, (known) =>
    Conversation.withAnswer(known, message, state.me.id))),

  'position-changed': (state, { position }) => change(state, position.conversation, (known) =>
    Conversation.withPosition(known, position, state.me.id)),

  'settings-changed': (state, { conversation, settings }) => change(state, conversation, (known) =>
    Conversation.withSettings(known, settings)),

  // The server's answer to a change that was made here.
  'group-changed': (state, { conversation, group }) => change(state, conversation, (known) => ({ ...known, group })),

  'time-told': (state, { now }) => ({ ...state, now }),

  'conversation-opened': (state, { conversation }) => (state.conversations[conversation]
    ? state
    : { ...state, needsSync: true }),

  'user-changed': (state, { user }) => ({
    ...state,
    users: { ...state.users, [user.id]: user },
    me: user.id === state.me.id ? user : state.me,
  }),

  // Heads of the user's recent conversations: a higher one than ours means that a last event was lost.
  digest: (state, { heads }) => {
    const behind = Object.entries(heads)
      .filter(([id, head]) => (state.conversations[id]?.head ?? -1) < head)
      .map(([id]) => id);
    return behind.length > 0 ? { ...state, behind, needsSync: true } : state;
  },

  'sync-wanted': (state) => ({ ...state, needsSync: true }),
  'sync-started': (state) => ({ ...state, syncing: true, needsSync: false }),
  'sync-failed': (state) => ({ ...state, syncing: false, needsSync: true }),

  'sync-answered': (state, { answer, cursors }) => {
    let next = describe(
      // What has become necessary meanwhile, the answer may not have.
      { ...state, syncing: false, needsSync: answer.more || state.needsSync, behind: [] },
      answer.conversations,
      answer.users ?? {},
    );
    next = withoutGroups(next, cursors ?? {}, answer.conversations);
    for (const changes of answer.changes) {
      next = change(next, changes.conversation, (known) =>
        Conversation.withChanges(known, changes, state.me.id, cursors?.[known.id]));
    }
    return settle(next);
  },

  'link-changed': (state, { link, at }) => ({
    ...state,
    link,
    offlineSince: link !== 'offline' ? null : state.offlineSince ?? at ?? null,
  }),

  'conversation-opening': (state, { path }) => ({ ...state, opening: path, problem: null }),
  // The line before what is new stays until the conversation is left. `divider` is what the server's page shows.
  'conversation-selected': (state, { conversation, divider }) => ({
    ...state,
    selected: conversation,
    opening: null,
    keptUnread: null,
    divider: state.selected === conversation ? state.divider : dividerOf(state, conversation, divider),
    problem: null,
  }),
  'conversation-left': (state) => ({
    ...state, selected: null, keptUnread: null, opening: null, divider: null, problem: null,
  }),
  'opening-failed': (state, { problem }) => ({ ...state, selected: null, divider: null, opening: null, problem }),

  'read-here': (state, { conversation, seq }) => change(state, conversation, (known) =>
    Conversation.withReadHere(known, seq, state.me.id)),

  'unread-here': (state, { conversation, seq }) => change(state, conversation, (known) =>
    Conversation.withUnreadFrom(known, seq, state.me.id)),
  // The server refused; a sync tells where the position is.
  'unread-refused': (state, { conversation, positions }) => ({
    ...change(state, conversation, (known) => Conversation.withPositionsOf(known, state.me.id, positions)),
    needsSync: true,
  }),

  'outbox-loaded': (state, { items }) => settle({ ...state, outbox: items }),
  'outbox-added': (state, { item }) => (state.outbox.some(sameItem(item)) ? state
    : { ...state, outbox: [...state.outbox, item] }),
  'outbox-updated': (state, { item }) => ({
    ...state,
    outbox: state.outbox.map((each) => (sameItem(item)(each) ? { ...each, ...item } : each)),
  }),
  // The server has done it. A sent message stays until it is among the stored ones, a change is among them already. For
  // settings `message` is what the server answered about them.
  'outbox-done': (state, { clientMessageId, message, changed }) => {
    const updated = changed.reduce((before, item) => reduce(before, { type: 'outbox-updated', item }), state);
    const item = state.outbox.find((each) => each.clientMessageId === clientMessageId);
    if (item && isSend(item)) {
      const stored = reduce(updated, { type: 'outbox-updated', item: { clientMessageId, stored: true } });
      return reduce(stored, { type: 'message-arrived', message });
    }
    if (item?.kind === 'leave') {
      // Whoever has come back since is a member.
      const closed = message.group ? updated
        : reduce(updated, { type: 'conversation-closed', conversation: item.conversation, rev: message.line?.rev ?? Infinity });
      return reduce(closed, { type: 'outbox-removed', clientMessageId });
    }
    if (item && isSettings(item)) {
      return reduce(reduce(updated, { type: 'settings-changed', ...message }), { type: 'outbox-removed', clientMessageId });
    }
    return reduce(reduce(updated, { type: 'change-answered', message }), { type: 'outbox-removed', clientMessageId });
  },
  'outbox-removed': (state, { clientMessageId }) => ({
    ...state,
    outbox: state.outbox.filter((each) => each.clientMessageId !== clientMessageId),
  }),

  // What an earlier search found is none of the next one's.
  'list-searched': (state, { text }) => ({
    ...state,
    list: { ...state.list, text },
    people: text ? state.people : { ...state.people, search: nobody },
  }),
  'list-filtered': (state, { show }) => ({ ...state, list: { ...state.list, show } }),

  // An empty text is no draft.
  'drafts-read': (state, { drafts }) => ({ ...state, drafts: { ...state.drafts, ...drafts } }),

  'notices-read': (state, { direct }) => ({ ...state, notices: { direct } }),

  // `place` is where they were looked for: "search", "directory" or "switcher".
  'people-found': (state, { place, text, users, next, append }) => ({
    ...state,
    users: users.some(({ id }) => !state.users[id])
      ? { ...Object.fromEntries(users.map((user) => [user.id, user])), ...state.users } : state.users,
    people: {
      ...state.people,
      [place]: {
        text,
        users: append ? [...state.people[place].users, ...users] : users,
        next: next ?? null,
        loaded: true,
      },
    },
  }),
};

function withoutGroups(state, cursors, summaries) {
  return leftOut(state, cursors, summaries).reduce((next, id) => change(next, id, (known) => withoutMembership(known)), state);
}

function dividerOf(state, conversation, rendered) {
  const known = state.conversations[conversation];
  if (rendered) return { conversation, ...rendered };
  if (!known?.unread) return null;
  return { conversation, after: readPosition(known, state.me.id), count: known.unread };
}

function learn(state, users) {
  return users ? { ...state, users: { ...state.users, ...users } } : state;
}

function change(state, id, update) {
  const known = state.conversations[id];
  if (!known) return state;
  const next = update(known);
  if (next === known) return state;
  const needsSync = state.needsSync || (hasCount(known) && !hasCount(next));
  return { ...state, needsSync, conversations: { ...state.conversations, [id]: next } };
}

function describe(state, summaries, users) {
  const conversations = { ...state.conversations };
  for (const summary of summaries) {
    const known = conversations[summary.id];
    conversations[summary.id] = known
      ? Conversation.withSummary(known, summary, state.me.id)
      : Conversation.fromSummary(summary);
  }
  const needsSync = state.needsSync || summaries.some(({ id }) => !hasCount(conversations[id]));
  return { ...state, needsSync, conversations, users: { ...state.users, ...users } };
}

function withoutTyping(state, conversation, user) {
  if (!state.typing[conversation]?.includes(user)) return state;
  const left = state.typing[conversation].filter((each) => each !== user);
  const { [conversation]: _, ...others } = state.typing;
  return { ...state, typing: left.length > 0 ? { ...others, [conversation]: left } : others };
}

/** Takes out of the outbox what is now shown as a stored message. */
function settle(state) {
  const outbox = unsettled(state);
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

function sameItem(item) {
  return (each) => each.clientMessageId === item.clientMessageId;
}
