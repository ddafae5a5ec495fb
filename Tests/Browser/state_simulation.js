// Runs seeded histories of a conversation against the page's state: sends, edits, deletions, replies, reactions, and marks as
// unread, and what this user chooses for it, with events lost, late and out of order, and with sync answers and pages that were read at several moments. Answers the list
// of the differences found between what the tab shows, what a fresh load shows and what the server has; none is expected.
async ({ modulePath, firstSeed, seeds }) => {
  const { initialState, reduce } = await import(modulePath);
  const { freshness, settingsIn } = await import(modulePath.replace('state.js', 'selectors.js'));
  const me = { id: 'a'.repeat(32), username: 'ada', displayName: 'Ada' };
  const other = 'b'.repeat(32);
  const id = 'c'.repeat(32);
  const emoji = ['👍', '❤️', '🎉'];
  const found = [];

  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const copy = (value) => structuredClone(value);
  const moment = (number) => new Date(1_700_000_000_000 + number).toISOString();
  // Whatever the order of the members of an object.
  const canonical = (value) => JSON.stringify(value, (_, each) => (each && typeof each === 'object' && !Array.isArray(each)
    ? Object.fromEntries(Object.entries(each).sort(([one], [two]) => (one < two ? -1 : 1))) : each));

  /** What the messages service keeps, and what it says to whom. */
  const makeServer = () => {
    const messages = [];
    const members = { [me.id]: { received: 0, read: 0 }, [other]: { received: 0, read: 0 } };
    let head = 0;
    let settings = null;
    const at = (seq) => messages.find((each) => each.seq === seq);
    const unreadOf = (user) => messages
      .filter((each) => each.sender !== user && each.seq > members[user].read && !each.deleted).length;
    // A quote is stored as it was sent; whoever reads gets it without the text of a deleted message.
    const shown = (message) => {
      const { replyTo, ...rest } = copy(message);
      if (!replyTo) return rest;
      const { text, ...bare } = replyTo;
      return { ...rest, replyTo: text === undefined || at(replyTo.seq).deleted ? bare : replyTo };
    };
    const change = (message, work) => {
      head += 1;
      message.rev = head;
      work(message);
      return copy(message);
    };
    return {
      members, unreadOf,
      get settings() { return copy(settings); },
      choose(choice) {
        settings = { version: 0, isMuted: false, ...settings, ...choice };
        settings.version += 1;
        return copy(settings);
      },
      get head() { return head; },
      get messages() { return messages.map(shown); },
      send(sender, replyTo) {
        head += 1;
        const message = {
          conversation: id, seq: head, rev: head, sender, clientMessageId: String(head), text: `text ${head}`,
          sentAt: moment(head),
        };
        const quoted = replyTo && at(replyTo);
        if (quoted) {
          message.replyTo = { seq: quoted.seq, sender: quoted.sender, ...(!quoted.deleted && { text: quoted.text }) };
        }
        messages.push(message);
        return copy(message);
      },
      edit(message) {
        return change(at(message.seq), (each) => {
          each.text = `text ${head}`;
          each.edited = { at: moment(head), rev: head };
        });
      },
      delete(message) {
        return change(at(message.seq), (each) => {
          each.text = '';
          each.deleted = true;
          delete each.edited;
          delete each.replyTo;
          delete each.reactions;
        });
      },
      react(message, user, kind) {
        return change(at(message.seq), (each) => {
          const others = (each.reactions ?? []).filter((reaction) => reaction.emoji !== kind);
          const users = (each.reactions ?? []).find((reaction) => reaction.emoji === kind)?.users ?? [];
          const now = users.includes(user) ? users.filter((one) => one !== user) : [...users, user];
          each.reactions = now.length > 0 ? [...others, { emoji: kind, users: now }] : others;
          if (each.reactions.length === 0) delete each.reactions;
        });
      },
      summary() {
        const { replyTo, ...lastMessage } = copy(messages.at(-1));
        return {
          id, form: 'direct', head, unread: unreadOf(me.id), createdAt: moment(0), lastMessage,
          members: Object.entries(members).map(([user, positions]) => ({
            user, ...positions, ...(user === me.id && settings && { settings: copy(settings) }),
          })),
        };
      },
      /** What a reader sees from now on who is behind. */
      view() {
        return { all: messages.map(shown), head };
      },
      page(before = Infinity, { all, head: at } = this.view()) {
        const older = all.filter(({ seq }) => seq < before);
        return { messages: older.slice(-10), head: at, hasOlder: older.length > 10, hasNewer: all.length > older.length };
      },
      pageAfter(after, { all, head: at } = this.view()) {
        const newer = all.filter(({ seq }) => seq > after);
        const hasOlder = all.some(({ seq }) => seq <= after);
        return { messages: newer.slice(0, 10), head: at, hasOlder, hasNewer: newer.length > 10 };
      },
      /** Like the messages service: a message comes as it is now, and an answer may end at any number. */
      changesSince(cursor, limit) {
        if (cursor === head) return [];
        const base = { conversation: id };
        if (head - cursor > 30 || cursor > head) {
          const { messages: newest, hasOlder } = this.page();
          return [{ ...base, cursor: head, messages: newest, reset: true, hasOlder }];
        }
        const through = Math.min(head, cursor + limit);
        // A message that was born or last changed in the range; what a later change replaced says nothing.
        const touched = messages.filter(({ seq, rev }) =>
          (seq > cursor && seq <= through) || (rev > cursor && rev <= through));
        const sorted = touched.map(shown).sort((one, two) => one.rev - two.rev);
        return [{ ...base, cursor: through, messages: sorted, reset: false, hasOlder: false }];
      },
    };
  };

  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const next = random(seed);
    const pick = (count) => Math.floor(next() * count);
    const someone = () => (next() < 0.5 ? other : me.id);
    const server = makeServer();
    let state = initialState(me);
    const dispatch = (event) => {
      state = reduce(state, event);
    };
    let stream = [];
    let answer = null;
    let page = null;
    let behind = server.view();
    let marking = null;
    let moves = 0;
    let choosing = null;
    const tell = (event) => {
      if (next() < 0.85) stream.push(event);
    };
    const arrived = (message) => tell({ type: 'message-arrived', message });
    /** One change of any kind. */
    const happen = () => {
      const alive = server.messages.filter(({ deleted }) => !deleted);
      const recent = alive.slice(-20);
      const one = recent[pick(recent.length)] ?? alive[0];
      switch (one ? pick(9) : 0) {
        case 0: case 1: case 2: case 3: return arrived(server.send(someone()));
        case 4: return arrived(server.send(someone(), 1 + pick(server.head)));
        case 5: return arrived(server.edit(one));
        case 6: {
          const message = server.delete(one);
          // My own deletion is answered, before or after its event.
          if (one.sender === me.id && next() < 0.5) dispatch({ type: 'change-answered', message });
          return arrived(message);
        }
        default: {
          const user = someone();
          const message = server.react(one, user, emoji[pick(emoji.length)]);
          if (user === me.id && next() < 0.5) dispatch({ type: 'change-answered', message });
          return arrived(message);
        }
      }
    };
    const positionOf = (user) => (
      { conversation: id, user, ...server.members[user], unread: server.unreadOf(user), head: server.head });
    const marksOf = (user) => server.members[user].unreadMarks ?? 0;
    const move = (user, seq, marks = marksOf(user)) => {
      const member = server.members[user];
      if (seq <= member.read || marks !== marksOf(user)) return;
      member.read = seq;
      member.readAt = moment(moves += 1);
      member.received = Math.max(member.received, seq);
      tell({ type: 'position-changed', position: positionOf(user) });
    };
    /** One of my devices marks a message as unread, knowing of so many marks. */
    const mark = (seq, marks) => {
      const member = server.members[me.id];
      if (marks !== marksOf(me.id)) return;
      member.read = Math.min(member.read, seq - 1);
      member.unreadMarks = marks + 1;
      tell({ type: 'position-changed', position: positionOf(me.id) });
    };
    /** One of my devices pins, mutes or archives. */
    const choose = () => {
      const choice = [{ pinnedAt: moment(pick(99)) }, { isMuted: next() < 0.5 }, { archivedThrough: pick(99) }][pick(3)];
      const settings = server.choose(choice);
      tell({ type: 'settings-changed', conversation: id, settings });
      return settings;
    };
    const ask = () => {
      const { head, loaded } = state.conversations[id];
      // The parts of an answer are read one after the other, and something may happen in between.
      const conversations = [server.summary()];
      if (next() < 0.5) happen();
      const changes = loaded ? server.changesSince(head, 1 + pick(40)) : [];
      return { answer: { conversations, changes, users: {}, more: false }, cursors: { [id]: head } };
    };

    /** Asks for a page before or after what is shown, around any message, or for the newest one. */
    const request = () => {
      const { messages, hasOlder, hasNewer } = state.conversations[id];
      const sides = ['around', hasOlder && 'older', hasOlder && 'older', hasNewer && 'newer', hasNewer && 'newer'].filter(Boolean);
      const side = sides[pick(sides.length)];
      dispatch({ type: 'history-requested', conversation: id, side });
      const from = side === 'around' ? undefined : messages.at(side === 'newer' ? -1 : 0).seq;
      if (next() < 0.5) happen();
      const view = next() < 0.8 ? server.view() : behind;
      if (side === 'newer') return { side, from, page: server.pageAfter(from, view) };
      const before = side === 'older' ? from : next() < 0.4 ? Infinity : 2 + pick(server.head);
      return { side, from, page: server.page(before, view) };
    };

    arrived(server.send(other));
    dispatch({ type: 'link-changed', link: 'live' });
    dispatch({ type: 'conversations-listed', conversations: [server.summary()], users: {} });
    const steps = 20 + pick(120);
    for (let step = 0; step < steps; step += 1) {
      if (pick(8) === 0) behind = server.view();
      switch (pick(18)) {
        case 0: case 1: case 2: case 3: happen(); break;
        case 4: move(other, 1 + pick(server.head)); break;
        case 5: move(me.id, 1 + pick(server.head)); break;
        case 6:
          // This tab reads what it shows, and the server hears of it. While a mark is on its way, it waits.
          if (state.conversations[id].messages.length > 0 && marking === null) {
            const { seq } = state.conversations[id].messages.at(-1);
            const { unreadMarks } = state.conversations[id].members[me.id];
            dispatch({ type: 'read-here', conversation: id, seq });
            move(me.id, seq, unreadMarks);
          }
          break;
        case 16: choose(); break;
        case 17:
          // This tab mutes, which shows at once, and hears the answer, with anything in between.
          if (choosing) {
            const message = { conversation: id, settings: server.choose({ isMuted: choosing.choice.muted }) };
            dispatch({ type: 'outbox-done', clientMessageId: choosing.clientMessageId, message, changed: [] });
            choosing = null;
          } else {
            choosing = {
              clientMessageId: `choice ${step}`, kind: 'settings', conversation: id, writtenAt: moment(step), refusal: null,
              choice: { muted: next() < 0.5 },
            };
            dispatch({ type: 'outbox-added', item: choosing });
          }
          break;
        case 14: mark(1 + pick(server.head), marksOf(me.id)); break;
        case 15: {
          // This tab marks, and hears the answer, with anything in between.
          const { read, unreadMarks } = state.conversations[id].members[me.id];
          if (marking !== null) {
            mark(marking.seq, marking.unreadMarks);
            dispatch({ type: 'position-changed', position: positionOf(me.id) });
            marking = null;
          } else if (read > 0) {
            marking = { seq: 1 + pick(read), unreadMarks };
            dispatch({ type: 'unread-here', conversation: id, seq: marking.seq });
          }
          break;
        }
        case 7: {
          // A conversation may be opened in the middle as well.
          const opening = server.page(next() < 0.7 ? Infinity : 2 + pick(server.head));
          dispatch({ type: 'page-loaded', conversation: id, page: opening });
          break;
        }
        case 8:
          // A page of the history is asked for, read, and arrives, with anything in between.
          if (page) {
            dispatch({ type: 'history-loaded', conversation: id, ...page });
            page = null;
          } else if (state.conversations[id].loaded) {
            page = request();
          }
          break;
        case 9:
          if (answer) {
            dispatch({ type: 'sync-answered', ...answer });
            answer = null;
          } else {
            dispatch({ type: 'sync-started' });
            answer = ask();
          }
          break;
        default:
          // Deliver something, mostly in order.
          if (stream.length > 0) dispatch(stream.splice(next() < 0.8 ? 0 : pick(stream.length), 1)[0]);
      }
      if (choosing && settingsIn(state, state.conversations[id]).isMuted !== choosing.choice.muted) {
        found.push(`${seed}: a choice that was just made does not show`);
      }
      const { messages, head, hasNewer } = state.conversations[id];
      const last = hasNewer ? messages.at(-1).seq : head;
      for (let index = 1; index < messages.length; index += 1) {
        if (messages[index].seq <= messages[index - 1].seq) found.push(`${seed}: ${messages[index].seq} is out of order`);
      }
      const born = server.messages.map(({ seq }) => seq).filter((seq) => seq >= messages[0]?.seq && seq <= last);
      if (messages.length > 0 && canonical(messages.map(({ seq }) => seq)) !== canonical(born)) {
        found.push(`${seed}: shows ${messages.map(({ seq }) => seq)} instead of ${born} at head ${head}`);
      }
      const { unread, countedHead, members } = state.conversations[id];
      if (head === server.head && countedHead === head && !state.needsSync && !state.syncing) {
        const exact = server.messages
          .filter((each) => each.sender !== me.id && each.seq > members[me.id].read && !each.deleted).length;
        if (unread !== exact) found.push(`${seed}: counts ${unread} unread of ${exact} at head ${head}`);
      }
    }

    // Everything calms down: what is still on its way arrives, then syncs until there is no more.
    for (const event of stream) dispatch(event);
    if (page) dispatch({ type: 'history-loaded', conversation: id, ...page });
    if (answer) dispatch({ type: 'sync-answered', ...answer });
    if (marking) {
      mark(marking.seq, marking.unreadMarks);
      dispatch({ type: 'position-changed', position: positionOf(me.id) });
    }
    if (choosing) {
      const message = { conversation: id, settings: server.choose({ isMuted: choosing.choice.muted }) };
      dispatch({ type: 'outbox-done', clientMessageId: choosing.clientMessageId, message, changed: [] });
    }
    do {
      dispatch({ type: 'sync-started' });
      const { head, loaded } = state.conversations[id];
      const changes = loaded ? server.changesSince(head, 7) : [];
      const cursors = { [id]: head };
      dispatch({ type: 'sync-answered', cursors, answer: { conversations: [server.summary()], changes, users: {}, more: false } });
    } while (state.conversations[id].head < server.head);

    const known = state.conversations[id];
    const compare = (what, ours, theirs) => {
      if (canonical(ours) !== canonical(theirs)) {
        found.push(`${seed}: ${what} is ${canonical(ours)} but should be ${canonical(theirs)}`);
      }
    };
    compare('head', known.head, server.head);
    compare('unread', known.unread, server.unreadOf(me.id));
    compare('my read position', known.members[me.id].read, server.members[me.id].read);
    compare('their read position', known.members[other].read, server.members[other].read);
    compare('when they read', known.members[other].readAt, server.members[other].readAt);
    const { replyTo, ...last } = known.lastMessage;
    compare('the last message', last, server.summary().lastMessage);
    compare('what I have chosen', known.settings, server.settings);
    compare('what waits', state.outbox, []);
    compare('what is held', known.held, {});
    if (known.loaded) {
      // What is shown may end before the newest message; then the rest is loaded page by page.
      while (state.conversations[id].hasNewer) {
        const { seq } = state.conversations[id].messages.at(-1);
        compare('the stretch that is shown', state.conversations[id].messages,
          server.messages.filter((each) => each.seq >= state.conversations[id].messages[0].seq && each.seq <= seq));
        dispatch({ type: 'history-requested', conversation: id, side: 'newer' });
        dispatch({ type: 'history-loaded', conversation: id, side: 'newer', from: seq, page: server.pageAfter(seq) });
      }
      const known = state.conversations[id];
      // A fresh load that goes as far back as this tab.
      let fresh = reduce(initialState(me), { type: 'conversations-listed', conversations: [server.summary()], users: {} });
      fresh = reduce(fresh, { type: 'page-loaded', conversation: id, page: server.page() });
      while (fresh.conversations[id].messages[0].seq > known.messages[0].seq) {
        fresh = reduce(fresh, { type: 'history-requested', conversation: id, side: 'older' });
        const before = fresh.conversations[id].messages[0].seq;
        fresh = reduce(fresh, { type: 'history-loaded', conversation: id, side: 'older', from: before, page: server.page(before) });
      }
      compare('a fresh load', fresh.conversations[id].messages.filter(({ seq }) => seq >= known.messages[0].seq),
        server.messages.filter(({ seq }) => seq >= known.messages[0].seq));
      compare('what is shown', known.messages, server.messages.filter(({ seq }) => seq >= known.messages[0].seq));
    }
    compare('the freshness', freshness(state), 'live');
    if (found.length > 10) break;
  }
  return found;
}
