// Runs seeded histories of a conversation against the page's state, with events lost, late and out of order, and with
// sync answers that were read at several moments. Answers the list of the differences found; none is expected.
async ({ modulePath, firstSeed, seeds }) => {
  const { initialState, reduce, freshness } = await import(modulePath);
  const me = { id: 'a'.repeat(32), username: 'ada', displayName: 'Ada' };
  const other = 'b'.repeat(32);
  const id = 'c'.repeat(32);
  const found = [];

  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const next = random(seed);
    const pick = (count) => Math.floor(next() * count);
    const server = { messages: [], members: { [me.id]: { received: 0, read: 0 }, [other]: { received: 0, read: 0 } } };
    const unreadOf = (user) => server.messages
      .filter((message) => message.sender !== user && message.seq > server.members[user].read).length;
    const summary = () => ({
      id, form: 'direct', head: server.messages.length, unread: unreadOf(me.id), createdAt: '2026-01-01T00:00:00.000Z',
      lastMessage: server.messages.at(-1) ?? null,
      members: Object.entries(server.members).map(([user, positions]) => ({ user, ...positions })),
    });
    const changesSince = (cursor) => {
      const behind = server.messages.length - cursor;
      if (behind === 0) return [];
      const reset = behind > 20;
      const messages = reset ? server.messages.slice(-10) : server.messages.slice(cursor);
      return [{ conversation: id, cursor: server.messages.length, messages, reset, hasOlder: reset }];
    };

    let state = initialState(me);
    const dispatch = (event) => {
      state = reduce(state, event);
    };
    let stream = [];
    let answer = null;
    const tell = (event) => {
      if (next() < 0.85) stream.push(event);
    };
    const say = (sender) => {
      const seq = server.messages.length + 1;
      const message = {
        conversation: id, seq, rev: seq, sender, clientMessageId: String(seq), text: `${seq}`,
        sentAt: new Date(1_700_000_000_000 + seq).toISOString(),
      };
      server.messages.push(message);
      tell({ type: 'message-arrived', message });
    };
    const move = (user, seq) => {
      const member = server.members[user];
      if (seq <= member.read) return;
      member.read = seq;
      member.received = Math.max(member.received, seq);
      tell({
        type: 'position-changed',
        position: { conversation: id, user, ...member, unread: unreadOf(user), head: server.messages.length },
      });
    };

    say(other);
    dispatch({ type: 'link-changed', link: 'live' });
    dispatch({ type: 'conversations-listed', conversations: [summary()], users: {} });
    const steps = 20 + pick(80);
    for (let step = 0; step < steps; step += 1) {
      switch (pick(11)) {
        case 0: case 1: case 2: say(other); break;
        case 3: say(me.id); break;
        case 4: move(other, 1 + pick(server.messages.length)); break;
        case 5: move(me.id, 1 + pick(server.messages.length)); break;
        case 6:
          // This tab reads what it shows, and the server hears of it.
          if (state.conversations[id].messages.length > 0) {
            const { seq } = state.conversations[id].messages.at(-1);
            dispatch({ type: 'read-here', conversation: id, seq });
            move(me.id, seq);
          }
          break;
        case 7: {
          const page = server.messages.slice(-10);
          dispatch({
            type: 'page-loaded', conversation: id,
            page: { messages: page, head: server.messages.length, hasOlder: server.messages.length > 10, hasNewer: false },
          });
          break;
        }
        case 8:
          if (answer) {
            dispatch({ type: 'sync-answered', answer });
            answer = null;
          } else {
            // The two parts of an answer are read one after the other, and something may happen in between.
            dispatch({ type: 'sync-started' });
            const conversations = [summary()];
            if (next() < 0.5) say(next() < 0.5 ? other : me.id);
            answer = { conversations, changes: changesSince(state.conversations[id].head), users: {}, more: false };
          }
          break;
        default:
          // Deliver something, mostly in order.
          if (stream.length > 0) dispatch(stream.splice(next() < 0.8 ? 0 : pick(stream.length), 1)[0]);
      }
      const { messages, head } = state.conversations[id];
      for (let index = 1; index < messages.length; index += 1) {
        if (messages[index].seq !== messages[index - 1].seq + 1) found.push(`${seed}: a hole before ${messages[index].seq}`);
      }
      if (messages.length > 0 && messages.at(-1).seq !== head) found.push(`${seed}: shows ${messages.at(-1).seq}, head ${head}`);
    }

    // Everything calms down: what is still on its way arrives, then one sync.
    for (const event of stream) dispatch(event);
    if (answer) dispatch({ type: 'sync-answered', answer });
    dispatch({ type: 'sync-started' });
    dispatch({
      type: 'sync-answered',
      answer: { conversations: [summary()], changes: changesSince(state.conversations[id].head), users: {}, more: false },
    });
    const known = state.conversations[id];
    const compare = (what, ours, theirs) => {
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
        found.push(`${seed}: ${what} is ${JSON.stringify(ours)} but should be ${JSON.stringify(theirs)}`);
      }
    };
    compare('head', known.head, server.messages.length);
    compare('unread', known.unread, unreadOf(me.id));
    compare('my read position', known.members[me.id].read, server.members[me.id].read);
    compare('their read position', known.members[other].read, server.members[other].read);
    compare('the last message', known.lastMessage?.seq, server.messages.length);
    compare('what is held', known.held, {});
    if (known.loaded) {
      compare('what is shown', known.messages.map((each) => each.seq),
        server.messages.slice(-known.messages.length).map((each) => each.seq));
    }
    compare('the freshness', freshness(state), 'live');
    if (found.length > 10) break;
  }
  return found;
}
