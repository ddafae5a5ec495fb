// The messages of one conversation that a tab shows, in the order of `seq`. Pure. For each `seq` the message with the
// highest `rev` counts, whichever way it came. They are a stretch of the history without gaps: messages before the first one,
// and with `hasNewer` those after the last one, belong to pages that are not loaded. While such a page is on its way
// (`loading`), what happens to its messages is kept in `aside`. `gone` holds the numbers of messages that are known to be
// deleted, because quotes of them lose their text.

/** Whether `one` says more about a message than `other` does. */
export function isNewer(one, other) {
  if (!one) return false;
  if (!other) return true;
  return one.seq === other.seq ? one.rev > other.rev : one.seq > other.seq;
}

/** The number with which the text of a message came: what an edit of it has to name. */
export function textRev(message) {
  return message.edited?.rev ?? message.seq;
}

/** Whether a message counts as unread for `myId` while it is not read; `head` is what the count is to be exact at. */
export function counts(message, myId, head) {
  if (message.sender === myId || message.kind === 'system') return false;
  // A deletion is a message's last change, so one that the head does not include yet is still to be counted.
  return !message.deleted || message.rev > head;
}

/** Whether a message calls `myId`, by name or with everybody. */
export function mentions(message, myId) {
  return message.sender !== myId && Boolean(message.mentions?.some(({ user = myId }) => user === myId));
}

/** Takes one message in, new or changed. */
export function takeIn(conversation, message) {
  const next = message.deleted ? withGone(conversation, message.seq) : conversation;
  const { messages } = next;
  const last = messages.at(-1);
  if (last && (message.seq < messages[0].seq || (next.hasNewer && message.seq > last.seq))) {
    return next.loading ? putAside(next, message) : next;
  }
  if (!last || message.seq > last.seq) return { ...next, messages: [...messages, withoutGone(message, next.gone)] };
  const index = placeOf(messages, message.seq);
  const known = messages[index];
  if (known.seq !== message.seq) {
    return { ...next, messages: messages.toSpliced(index, 0, withoutGone(message, next.gone)) };
  }
  if (known.rev >= message.rev) return next;
  return { ...next, messages: messages.with(index, successor(known, message, next.gone)) };
}

/** Whether a message is among those that are shown. */
export function shows({ messages }, seq) {
  return messages.length > 0 && seq >= messages[0].seq && messages[placeOf(messages, seq)]?.seq === seq;
}

/** The message with a number, or undefined. */
export function messageAt({ messages }, seq) {
  const found = messages[placeOf(messages, seq)];
  return found?.seq === seq ? found : undefined;
}

/** The page that a conversation is opened with takes the place of what was shown; what is known to be newer stays. */
export function withFirstPage(conversation, page) {
  const known = new Map(conversation.messages.filter(({ rev }) => rev > page.head).map((each) => [each.seq, each]));
  const { gone } = withGoneIn(conversation, page);
  const messages = page.messages.map((each) => latest(known.get(each.seq), each, gone));
  return {
    ...conversation, messages, gone, hasOlder: page.hasOlder, hasNewer: Boolean(page.hasNewer), loading: null, aside: {},
  };
}

/**
 * Takes in a page that was asked for: `side` says whether it comes before what is shown ("older"), after it ("newer"), or in
 * its place ("around"). A page that is behind what was known when it was asked for is not taken, nor is one in whose place
 * nothing would be shown yet.
 */
export function withPage(conversation, page, side) {
  const { loading, aside, messages, head } = conversation;
  const next = { ...conversation, loading: null, aside: {} };
  if (!loading || page.head < loading.head) return next;
  const known = new Map([...messages.filter(({ rev }) => rev > page.head), ...Object.values(aside)].map((each) => [each.seq, each]));
  const emptied = withGoneIn(next, page);
  const first = messages[0]?.seq ?? Infinity;
  const last = side === 'newer' ? messages.at(-1)?.seq ?? 0 : 0;
  const isOlder = side === 'older';
  // What this tab has not heard of yet comes by itself.
  const taken = page.messages.filter(({ seq }) => (isOlder ? seq < first : seq > last && seq <= head))
    .map((each) => latest(known.get(each.seq), each, emptied.gone));
  if (isOlder) return { ...emptied, messages: [...taken, ...emptied.messages], hasOlder: page.hasOlder };
  if (side === 'around' && taken.length === 0) return next;
  const hasNewer = page.hasNewer && page.messages.at(-1)?.seq <= head;
  const end = taken.at(-1)?.seq ?? last;
  const later = hasNewer ? [] : [...known.values()].filter(({ seq }) => seq > end).sort((one, two) => one.seq - two.seq);
  return side === 'newer'
    ? { ...emptied, messages: [...emptied.messages, ...taken, ...later], hasNewer }
    : { ...emptied, messages: [...taken, ...later], hasOlder: page.hasOlder, hasNewer };
}

/** Where in `messages` one with a number is, or would be. */
export function placeOf(messages, seq) {
  let from = 0;
  let to = messages.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (messages[middle].seq < seq) from = middle + 1;
    else to = middle;
  }
  return from;
}

function latest(known, message, gone) {
  return known && known.rev > message.rev ? withoutGone(known, gone) : withoutGone(message, gone);
}

/** A quote that is empty stays so: events carry quotes as they were stored. */
function successor(known, message, gone) {
  const wasEmptied = known.replyTo && known.replyTo.text === undefined;
  return withoutGone(message, wasEmptied ? { [known.replyTo.seq]: true } : gone);
}

function withoutGone(message, gone) {
  if (message.replyTo?.text === undefined || !gone[message.replyTo.seq]) return message;
  const { seq, sender } = message.replyTo;
  return { ...message, replyTo: { seq, sender } };
}

function withGone(conversation, seq) {
  if (conversation.gone[seq]) return conversation;
  const gone = { ...conversation.gone, [seq]: true };
  const quotes = conversation.messages.some((each) => each.replyTo?.seq === seq && each.replyTo.text !== undefined);
  const messages = quotes ? conversation.messages.map((each) => withoutGone(each, gone)) : conversation.messages;
  return { ...conversation, gone, messages };
}

function withGoneIn(conversation, page) {
  return page.messages.filter(({ deleted }) => deleted).reduce((all, { seq }) => withGone(all, seq), conversation);
}

function putAside(conversation, message) {
  if (conversation.aside[message.seq]?.rev >= message.rev) return conversation;
  return { ...conversation, aside: { ...conversation.aside, [message.seq]: message } };
}
