// A notification that was chosen brings a tab of the chat to the front, or opens one.

const isChat = ({ url }) => /^\/(?:chatwith|g\/)/u.test(new URL(url).pathname);

export async function openChosen(path) {
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const chats = tabs.filter(isChat);
  const tab = chats.find(({ visibilityState }) => visibilityState === 'visible') ?? chats[0];
  if (!tab) {
    await self.clients.openWindow(path);
    return;
  }
  tab.postMessage({ open: path });
  await tab.focus();
}
