// The service worker of the page. It shows no page and keeps no files: it is only there
// because a notification has buttons only if a worker shows it. What the person chooses
// goes to the page's tabs; the one that is the phone acts on it.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  notification.close();
  event.waitUntil(chosen(notification.data, action));
});

async function chosen(call, action) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage({ call, action });
  if (action === "reject") return;
  await (pages.length > 0 ? pages[0].focus() : self.clients.openWindow("/"));
}
