// Runs seeded histories of a group against the page's state: messages, deletions, names, people who come and go, and this user
// who is removed and added again, with events lost, late and out of order, and with sync answers that were read at several
// moments. Answers the list of the differences found between what the tab shows and what a member, or somebody who is none any
// more, gets from the server; none is expected.
async ({ modulePath, firstSeed, seeds }) => {
  const { initialState, reduce } = await import(modulePath);
  const { closedBy, conversationsInOrder, freshness } = await import(modulePath.replace('state.js', 'selectors.js'));
  const me = { id: 'a'.repeat(32), username: 'ada', displayName: 'Ada' };
  const others = ['b', 'd', 'e', 'f'].map((letter) => letter.repeat(32));
  const users = Object.fromEntries([me, ...others.map((id) => ({ id, username: id[0], displayName: id[0] }))].map((each) => [each.id, each]));
  const id = 'c'.repeat(32);
  const found = [];

  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const canonical = (value) => JSON.stringify(value, (_, each) => (each && typeof each === 'object' && !Array.isArray(each)
    ? Object.fromEntries(Object.entries(each).sort(([one], [two]) => (one < two ? -1 : 1))) : each));
  const moment = (number) => new Date(1_700_000_000_000 + number).toISOString();

  /** What the messages service keeps, and what it says to this user. */
  const makeServer = () => {
    const log = [];
    const members = new Map();
    let head = 0;
    let [name, showsHistory, version, historyFrom, read, received, marks] = ['', false, 0, 0, 0, 0, 0];
    const isMember = () => members.has(me.id);
    const visible = () => log.filter(({ seq }) => seq >= historyFrom);
    const add = (sender, rest) => {
      head += 1;
      const entry = { conversation: id, seq: head, rev: head, sender, clientMessageId: String(head), text: '', sentAt: moment(head), ...rest };
      log.push(entry);
      return structuredClone(entry);
    };
    const line = (sender, rest) => {
      const entry = add(sender, { kind: 'system', line: rest });
      if (!['changed', 'invited', 'revoked'].includes(rest.type)) version = head;
      return entry;
    };
    return {
      isMember,
      get head() { return head; },
      get visible() { return structuredClone(visible()); },
      get readAt() { return read; },
      get marks() { return marks; },
      outside: () => others.filter((each) => !members.has(each)),
      inside: () => others.filter((each) => members.has(each)),
      create() {
        [me.id, others[0], others[1]].forEach((each) => members.set(each, 'member'));
        [name, historyFrom, read] = ['name 0', 1, 1];
        return line(others[0], { type: 'created', users: [me.id, others[1]], count: 2, name, showsHistory });
      },
      send: (sender, mentions) => add(sender, { text: `text ${head + 1}`, ...(mentions && { mentions }) }),
      remove(entry) {
        const own = log.find(({ seq }) => seq === entry.seq);
        head += 1;
        delete own.mentions;
        Object.assign(own, { rev: head, text: '', deleted: true });
        return structuredClone(own);
      },
      edit(entry, mentions) {
        const own = log.find(({ seq }) => seq === entry.seq);
        head += 1;
        delete own.mentions;
        Object.assign(own, { rev: head, text: `edit ${head}`, edited: { at: moment(head), rev: head }, ...(mentions && { mentions }) });
        return structuredClone(own);
      },
      rename() {
        name = `name ${head + 1}`;
        return line(others[0], { type: 'changed', name });
      },
      show() {
        showsHistory = !showsHistory;
        return line(others[0], { type: 'changed', showsHistory });
      },
      invite: (type) => line(others[0], { type }),
      /** Added by somebody, or by an invitation. */
      join(user, byInvitation = false) {
        members.set(user, 'member');
        const entry = byInvitation ? line(user, { type: 'joined', users: [user], count: 1, showsHistory })
          : line(others[0], { type: 'added', users: [user], count: 1, showsHistory });
        if (user === me.id) {
          historyFrom = showsHistory ? 0 : entry.seq;
          read = Math.max(read, entry.seq);
        }
        return entry;
      },
      leave(user) {
        members.delete(user);
        return line(others[0], { type: 'removed', users: [user], count: 1 });
      },
      read(seq) {
        read = Math.max(read, Math.min(seq, head));
        received = Math.max(read, received);
      },
      unread: () => visible().filter((each) => each.sender !== me.id && each.seq > read && !each.deleted && !each.line).length,
      mentions: () => visible().filter((each) => each.sender !== me.id && each.seq > read
        && each.mentions?.some(({ user }) => !user || user === me.id)).map(({ seq }) => seq).slice(0, 100),
      markUnread(seq) {
        if (seq > read) return;
        read = seq - 1;
        marks += 1;
      },
      position() { return { conversation: id, user: me.id, received: Math.max(read, received), read, unread: this.unread(), head, ...(marks && { unreadMarks: marks }) }; },
      summary() {
        return {
          id, form: 'group', head, unread: this.unread(), createdAt: moment(0), lastMessage: structuredClone(log.at(-1)),
          members: [{ user: me.id, received: Math.max(read, received), read, ...(marks && { unreadMarks: marks }) }],
          ...(this.mentions().length > 0 && { mentions: this.mentions() }),
          group: { name, showsHistory, memberCount: members.size, version, role: 'member', historyFrom },
        };
      },
      page(before = Infinity) {
        const older = visible().filter(({ seq }) => seq < before);
        return structuredClone({ messages: older.slice(-10), head, hasOlder: older.length > 10, hasNewer: false, users });
      },
      changesSince(cursor, limit) {
        if (cursor === head) return [];
        if (head - cursor > 30 || cursor > head) {
          const { messages, hasOlder } = this.page();
          return [{ conversation: id, cursor: head, messages, reset: true, hasOlder }];
        }
        const through = Math.min(head, cursor + limit);
        const touched = visible().filter(({ seq, rev }) => (seq > cursor && seq <= through) || (rev > cursor && rev <= through));
        return [{ conversation: id, cursor: through, messages: structuredClone(touched).sort((one, two) => one.rev - two.rev), reset: false, hasOlder: false }];
      },
    };
  };

  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const next = random(seed);
    const pick = (count) => Math.floor(next() * count);
    const server = makeServer();
    let state = initialState(me);
    const dispatch = (event) => { state = reduce(state, event); };
    let stream = [];
    let answer = null;
    const tell = (event) => { if (next() < 0.85) stream.push(event); };
    // Whoever is no member hears nothing.
    const arrived = (message) => { if (server.isMember()) tell({ type: 'message-arrived', message }); };
    const happen = () => {
      const alive = server.visible.filter(({ deleted, line }) => !deleted && !line);
      const inside = server.inside();
      // Nobody in particular, this user, somebody else, or everybody.
      const mentions = [undefined, undefined, [{ user: me.id, name: 'ada' }], [{ user: others[0], name: 'b' }], [{ name: 'all' }]][pick(5)];
      switch (pick(12)) {
        case 0: return arrived(server.rename());
        case 1: return arrived(server.show());
        case 2: return server.outside().length > 0 && arrived(server.join(server.outside()[0], next() < 0.5));
        case 3: return inside.length > 1 && arrived(server.leave(inside.at(-1)));
        case 4:
          if (!server.isMember()) return arrived(server.join(me.id, next() < 0.5));
          if (next() < 0.5) return undefined;
          { const { seq: rev } = server.leave(me.id); return tell({ type: 'conversation-closed', conversation: id, rev }); }
        case 5: return alive.length > 0 && arrived(server.remove(alive[pick(alive.length)]));
        case 6: return arrived(server.invite(next() < 0.5 ? 'invited' : 'revoked'));
        case 7: return alive.length > 0 && arrived(server.edit(alive[pick(alive.length)], mentions));
        default: return arrived(server.send(server.isMember() && next() < 0.4 ? me.id : inside[pick(inside.length)], mentions));
      }
    };
    const ask = () => {
      const known = state.conversations[id];
      const cursors = known.loaded || !known.isLeft ? { [id]: known.head } : {};
      const conversations = server.isMember() ? [server.summary()] : [];
      const wasMember = server.isMember();
      const changes = wasMember && known.loaded ? server.changesSince(known.head, 1 + pick(40)) : [];
      return { answer: { conversations, changes, users, more: false }, cursors };
    };

    const compare = (what, ours, theirs) => {
      if (canonical(ours) !== canonical(theirs)) {
        found.push(`${seed}: ${what} is ${canonical(ours)} but should be ${canonical(theirs)}`);
      }
    };
    /** Where a tab takes itself to be up to date, and is, it counts right without another sync. */
    const compareCounts = (step) => {
      const { head, countedHead, members, unread, mentions, isLeft } = state.conversations[id];
      const { read, unreadMarks } = members[me.id] ?? {};
      if (!server.isMember() || isLeft || freshness(state) !== 'live' || head !== server.head || countedHead !== head || read !== server.readAt
        || unreadMarks !== server.marks) return;
      compare(`what is unread after step ${step}`, unread, server.unread());
      compare(`what mentions this user after step ${step}`, mentions, server.mentions());
    };
    arrived(server.create());
    // More mentions than the server tells at once.
    if (next() < 0.1) for (let number = 0; number < 95 + pick(20); number += 1) server.send(others[0], [{ name: 'all' }]);
    dispatch({ type: 'link-changed', link: 'live' });
    dispatch({ type: 'conversations-listed', conversations: [server.summary()], users });
    const steps = 20 + pick(100);
    for (let step = 0; step < steps; step += 1) {
      switch (pick(12)) {
        case 0: case 1: case 2: case 3: happen(); break;
        case 4:
          if (server.isMember()) {
            if (next() < 0.7) server.read(1 + pick(server.head));
            else server.markUnread(1 + pick(server.head));
            tell({ type: 'position-changed', position: server.position() });
          }
          break;
        case 5:
          if (server.isMember()) dispatch({ type: 'page-loaded', conversation: id, page: server.page() });
          break;
        case 6:
          if (answer) {
            dispatch({ type: 'sync-answered', ...answer });
            answer = null;
          } else {
            dispatch({ type: 'sync-started' });
            answer = ask();
          }
          break;
        default:
          if (stream.length > 0) dispatch(stream.splice(next() < 0.8 ? 0 : pick(stream.length), 1)[0]);
      }
      const { messages } = state.conversations[id];
      compareCounts(step);
      for (let index = 1; index < messages.length; index += 1) {
        if (messages[index].seq <= messages[index - 1].seq) found.push(`${seed}: ${messages[index].seq} is out of order`);
      }
    }

    // Everything calms down: what is still on its way arrives, then syncs until there is no more.
    for (const event of stream) dispatch(event);
    if (answer) dispatch({ type: 'sync-answered', ...answer });
    let rounds = 0;
    do {
      dispatch({ type: 'sync-started' });
      dispatch({ type: 'sync-answered', ...ask() });
      rounds += 1;
    } while (server.isMember() && state.conversations[id].head < server.head && rounds < 200);

    const known = state.conversations[id];
    compare('whether this user is out', known.isLeft, !server.isMember());
    compare('what is held', known.held, {});
    if (server.isMember()) {
      compare('head', known.head, server.head);
      compare('the group', known.group, server.summary().group);
      compare('unread', known.unread, server.unread());
      compare('the mentions', known.mentions, server.mentions());
      compare('who writes', closedBy(state, known), null);
      compare('the last message', known.lastMessage, server.summary().lastMessage);
      if (known.loaded) {
        const first = known.messages[0]?.seq ?? 0;
        compare('what is shown', known.messages, server.visible.filter(({ seq }) => seq >= first));
        compare('where it begins', known.hasOlder, server.visible.some(({ seq }) => seq < first));
      }
      compare('the freshness', freshness(state), 'live');
    } else {
      compare('who writes', closedBy(state, known), 'left');
      compare('the list', conversationsInOrder(state), []);
      compare('the freshness', freshness(state), 'live');
    }
    if (found.length > 10) break;
  }
  return found;
}
