// The service worker: opens the chat and the files of its release without a connection, and answers notifications. It keeps
// nothing of anybody's: what was read is kept by the page, which looks for it when this hands out the page's shell.
import { answerAsset, answerPage, fill, forgetOthers } from './pages.js';
import { openChosen } from './notifications.js';

self.addEventListener('install', (event) => event.waitUntil(fill().then(() => self.skipWaiting())));

self.addEventListener('activate', (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
  const answer = event.request.mode === 'navigate' ? answerPage(event) : answerAsset(event.request);
  if (answer) event.respondWith(answer);
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openChosen(event.notification.data?.path ?? '/chatwith'));
});
