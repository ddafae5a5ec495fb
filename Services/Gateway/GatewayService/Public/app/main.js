// Takes the chat page over and makes it live. Without this script the same page works with forms and links.
import { actAs, api } from './api.js';
import { laterModule } from './assets.js';
import { pause, retryNow } from './backoff.js';
import { followDrafts } from './draft-previews.js';
import { Drafts } from './drafts.js';
import { neighbour } from './list.js';
import { ListPages } from './list-pages.js';
import { Navigation } from './navigation.js';
import { NoticeSettings } from './notice-settings.js';
import { Notifying } from './notifying.js';
import { Outbox } from './outbox.js';
import { OutboxStore } from './outbox-store.js';
import { Positions } from './positions.js';
import { Store, drawOnChange } from './store.js';
import { Sync } from './sync.js';
import { partner, pathTo } from './selectors.js';
import { initialState } from './state.js';
import { pageState } from './page-state.js';
import { PeopleFinder } from './people.js';
import { keepStreamOpen } from './stream.js';
import { shareStream } from './tabs.js';
import { Typing } from './typing.js';
import { watchTime } from './time.js';
import { Updates } from './updates.js';
import { AccountMenu, loadAccountMenu } from './view/account-menu.js';
import { ConversationList } from './view/conversation-list.js';
import { ConversationMenu } from './view/conversation-menu.js';
import { ConversationPane } from './view/conversation-pane.js';
import { Dialogs } from './view/dialogs.js';
import { isPlainClick } from './view/dom.js';
import { Freshness } from './view/freshness.js';
import { hasLayers } from './view/layers.js';
import { ListFilters } from './view/list-filters.js';
import { ListScroll } from './view/list-scroll.js';
import { loadMessageActions } from './view/message-actions.js';
import { PeopleResults } from './view/people-results.js';
import { Roving } from './view/roving.js';
import { Search } from './view/search.js';
import { listenForShortcuts } from './view/shortcuts.js';
import { toast } from './view/toast.js';

const root = document.getElementById('chat');
const loadOffline = laterModule('app/offline/main.js');
const loadStrangers = laterModule('app/strangers/main.js');
const loadDraftSync = laterModule('app/drafts-sync/main.js');
// What can wait does so until the page has come to rest.
const rest = 4_000;
// So long signing out waits for drafts to be kept.
const patience = 3_000;

if (root?.dataset.user) start(root, pageState());
else if (root) startShell(root);

/** Without a connection, the service worker gives a page that is nobody's yet. */
async function startShell(root) {
  const { restore } = await loadOffline();
  const kept = await restore(root);
  if (kept) await start(root, kept);
}

async function start(root, known) {
  const { user: id, username, displayName } = root.dataset;
  actAs(id);
  const store = new Store(initialState({ id, username, displayName }, Date.now()));
  watchTime(store);
  const opening = OutboxStore.open(id);

  let outbox = null;
  let keeper;
  let draftSync;
  let leaving = false;
  const onSignedOut = () => {
    tabs.end();
    keeper?.end();
    if (leaving) return;
    // What waits in the outbox stays on disk and is sent after the next sign-in.
    location.assign(`/signin?reason=ended&next=${encodeURIComponent(location.pathname)}`);
  };
  const navigation = new Navigation(store, onSignedOut, renderedDivider(root));
  new Sync(store, onSignedOut);
  const typing = new Typing(store);
  // All this is before the first drawing, so that what the server drew stays until there is something better.
  const pages = new ListPages(store, onSignedOut);
  const listed = takeKnown(store, pages, known);

  let resting = null;
  const atRest = async () => {
    await Promise.all([side.dialogs.warm(), side.account.warm(), menu.warm(), loadMessageActions()]);
    const [{ lookStrangersUp }, { keep }, { DraftSync }] = await Promise.all([loadStrangers(), loadOffline(), loadDraftSync()]);
    if (leaving || keeper) return;
    keeper = keep(store);
    lookStrangersUp(store);
    draftSync = new DraftSync(store, drafts);
  };
  // The server's first word takes a round trip, in which the disk is read and the page is drawn.
  const tabs = shareStream({
    userId: id,
    openStream: ({ signal, onEvent, onLink }) => keepStreamOpen({
      signal, onEvent, onLink, checkSession: () => sessionLives(onSignedOut),
    }),
    onEvent: (name, data) => {
      if (name === 'version') updates.heard(data.assets);
      else if (name === 'draft.changed') draftSync?.heard(data);
      else dispatchEvent(store, typing, name, data);
    },
    onLink: (link) => {
      // Whatever was sent while the stream was away is caught up with after it is open: never before.
      if (link === 'live' && store.state.link !== 'live') store.dispatch({ type: 'sync-wanted' });
      store.dispatch({ type: 'link-changed', link, at: Date.now() });
      if (link === 'live') resting ??= setTimeout(() => atRest().catch(() => { resting = null; }), rest);
    },
    onNote: (note) => {
      if (note.message) store.dispatch({ type: 'change-answered', message: note.message });
      if (note.changed === 'outbox') outbox?.resume();
      if (note.waiting) store.dispatch({ type: 'outbox-updated', item: note.waiting });
      if (note.retry) retryNow();
    },
  });
  const updates = new Updates(() => isWriting() || hasLayers() || outbox?.isInDanger);
  const followed = navigation.follow(location.pathname);

  askBeforeSigningOut(id, opening, async () => {
    leaving = true;
    keeper?.end();
    draftSync ??= new (await loadDraftSync()).DraftSync(store, drafts);
    await Promise.race([draftSync.flush(), pause(patience)]);
  });
  const kept = await opening;
  outbox = new Outbox({
    store, kept, onSignedOut,
    onChange: (message) => tabs.note({ changed: 'outbox', message }),
    onWaiting: (item) => tabs.note({ waiting: item }),
    onLost: toast,
  });
  const drafts = new Drafts(id);
  const pane = new ConversationPane(root, { store, outbox, drafts, durable: kept.durable, wanted: wantedHere() });
  const positions = new Positions(store, (conversation) => pane.readThrough(conversation));
  pane.onSeen = () => positions.consider();
  pane.onRetry = () => navigation.follow(location.pathname);
  const notices = new NoticeSettings(id).watch();
  // Kept in memory if the disk is full.
  for (const each of notices.takeMuted()) outbox.choose(each, { muted: true }).catch(() => undefined);
  new Notifying({
    store, settings: notices, userId: id, goTo: (path) => navigation.go(path),
    isTelling: () => tabs.isLeading,
  });
  const menu = new ConversationMenu({ store, outbox, positions, openInfo: (name, id) => side.dialogs.open(name, id) });
  pane.onMenu = (conversation, anchor) => menu.open(conversation, anchor);
  pane.onChoice = (conversation, choice) => outbox.choose(conversation, choice);
  pane.onTyping = (conversation, isWriting) => (isWriting ? typing.tell(conversation) : typing.stopped(conversation));
  pane.onReaders = (conversation, seq) => side.dialogs.open('readers', conversation, seq);
  pane.onMarkUnread = (conversation, seq) => positions.markUnread(conversation, seq);
  pane.onMarkRead = (conversation, seq) => positions.markRead(conversation, seq);

  const retry = () => {
    retryNow();
    // What waits may be in the hands of another tab.
    tabs.note({ retry: true });
  };
  followDrafts(store, drafts);
  const leave = (conversation) => outbox.leave(conversation).catch(() => undefined);
  const side = listViews({ store, pages, navigation, onSignedOut, leave });
  const views = [...side.views, pane, new Freshness(retry)];
  // Drawing measures, so the layout has to be that of the script by then.
  document.documentElement.classList.add('scripted');
  drawOnChange(store, (state) => views.forEach((view) => view.draw(state)));

  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    if (data.open) navigation.go(data.open);
  });
  addEventListener('hashchange', () => {
    const named = /^#m(\d+)$/.exec(location.hash);
    if (named) pane.showMessage(Number(named[1]));
  });
  // The browser asks before it closes a page that says so.
  addEventListener('beforeunload', (event) => {
    if (outbox.isInDanger) event.preventDefault();
  });

  await Promise.all([outbox.resume(), listed, followed]);
}

/** Begins with what came with the page, and resolves when the first page of the list is there. */
function takeKnown(store, listPages, { list, people, shown, pages = [] }) {
  if (people) store.dispatch({ type: 'people-found', place: people.text ? 'search' : 'directory', ...people });
  const listed = listPages.begin(list);
  if (shown) takeShown(store, shown);
  for (const { id: conversation, page } of pages) store.dispatch({ type: 'page-loaded', conversation, page });
  return listed;
}

/** The list beside the conversation, and what opens from it. */
function listViews({ store, pages, navigation, onSignedOut, leave }) {
  const list = new ConversationList(() => pages.more());
  const roving = new Roving(document.getElementById('lists'), 'a.item', {
    onEdge: (atEnd) => list.showEdge(atEnd),
    onShort: () => list.showAround(),
    onLeave: () => search.focus(),
  });
  const search = new Search(store, new PeopleFinder(store, 'search', onSignedOut), () => roving.enter());
  const goTo = (other) => navigation.go(pathTo(other));
  const dialogs = new Dialogs({
    store, goTo, leave, directory: new PeopleFinder(store, 'directory', onSignedOut), people: new PeopleFinder(store, 'switcher', onSignedOut),
  });
  listenForShortcuts({
    search: () => search.focus(),
    sheet: () => dialogs.open('shortcuts'),
    jump: () => dialogs.open('switcher'),
    newChat: () => dialogs.open('new-chat'),
    step: (by, unread) => {
      const next = neighbour(store.state, by, unread);
      if (next) goTo(partner(store.state, next));
    },
  });
  // Before the links among them lead to where they lead without a script.
  document.getElementById('chat').addEventListener('click', (event) => {
    const opener = event.target.closest('[data-opens]');
    if (!opener || !isPlainClick(event)) return;
    event.preventDefault();
    dialogs.open(opener.dataset.opens);
  });
  return { dialogs, account: new AccountMenu(), views: [new ListFilters(store), search, list, new PeopleResults(), new ListScroll(), dialogs] };
}

/** Whether somebody has typed something that is neither sent nor left. */
function isWriting() {
  return ['text', 'search'].some((id) => document.getElementById(id)?.value);
}

/** Begins with the conversation that the page shows. */
function takeShown(store, { conversation, users, page }) {
  store.dispatch({ type: 'conversation-described', conversation, users });
  store.dispatch({ type: 'page-loaded', conversation: conversation.id, page });
}

/** Which message the page or its address names, and what is to be done with it. */
function wantedHere() {
  const begun = document.querySelector('.composer-context')?.dataset;
  if (begun?.mode && begun.seq) return { seq: Number(begun.seq), action: begun.mode };
  const seq = Number(/^#m(\d+)$/.exec(location.hash)?.[1] ?? new URLSearchParams(location.search).get('at'));
  return seq > 0 ? { seq } : null;
}

/** The line before what is new, as the server's page shows it. */
function renderedDivider({ dataset: { path, newAfter, newCount } }) {
  return newCount ? { path, after: Number(newAfter), count: Number(newCount) } : null;
}

/** Signs out at once, unless messages would be lost: then the page that asks says how many. */
function askBeforeSigningOut(userId, opening, onLeaving) {
  document.getElementById('sign-out').addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await onLeaving();
      const kept = await opening;
      if (await kept.count() === 0) return await (await loadAccountMenu()).signOut(userId, kept);
    } catch {
      // Whatever is in the way, that page says so.
    }
    location.assign('/logout_chat');
    return undefined;
  });
}

function dispatchEvent(store, typing, name, data) {
  switch (name) {
    case 'message.sent':
    case 'message.changed': return store.dispatch({ type: 'message-arrived', message: data });
    case 'position.changed': return store.dispatch({ type: 'position-changed', position: data });
    case 'conversation.opened': return store.dispatch({ type: 'conversation-opened', conversation: data.conversation });
    case 'conversation.settings': return store.dispatch({ type: 'settings-changed', ...data });
    case 'conversation.closed': return store.dispatch({ type: 'conversation-closed', ...data });
    case 'conversation.typing': return typing.heard(data);
    case 'user.changed': return store.dispatch({ type: 'user-changed', user: data });
    case 'digest': return store.dispatch({ type: 'digest', heads: data });
    case 'resync': return store.dispatch({ type: 'sync-wanted' });
    default: return undefined;
  }
}

/** Whether the session still lives; rejects if the server does not say. */
async function sessionLives(onSignedOut) {
  try {
    await api.account();
    return true;
  } catch (error) {
    if (!error.isSignedOut) throw error;
    onSignedOut();
    return false;
  }
}
