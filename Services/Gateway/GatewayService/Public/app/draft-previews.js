// Tells the state of the drafts in this browser. The one of the open conversation is in sight, and told once that is left.

export function followDrafts(store, drafts) {
  const read = (conversations) => store.dispatch({
    type: 'drafts-read', drafts: Object.fromEntries(conversations.map((each) => [each, drafts.read(each).text])),
  });
  read(drafts.conversations());
  drafts.onWritten = (conversation) => {
    if (conversation !== store.state.selected) read([conversation]);
  };
  store.subscribe((after, before) => {
    if (before.selected && before.selected !== after.selected) read([before.selected]);
  });
}
