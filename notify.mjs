// The service worker of the page. It serves no page and keeps no files: it is only there
// because a notification has buttons only if a worker shows it.
//
// The page says `show`, call, title, body and the words of both buttons, or `withdraw` and
// call, separated by tabs.
// What the person chooses goes to all tabs as action and call; the one that is the phone acts.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const [what, call, ...words] = event.data.split("\t");
  event.waitUntil(what === "show" ? show(call, ...words) : withdraw(call));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(chosen(event.notification.tag, event.action));
});

function show(call, title, body, accept, reject) {
  const actions = [
    { action: "accept", title: accept },
    { action: "reject", title: reject },
  ];
  // Silent, because the page itself rings.
  const options = { body, tag: call, actions, requireInteraction: true, silent: true };
  return self.registration.showNotification(title, options);
}

async function withdraw(call) {
  const shown = await self.registration.getNotifications({ tag: call });
  for (const notification of shown) notification.close();
}

async function chosen(call, action) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage(`${action}\t${call}`);
  if (action === "reject") return;
  await (pages.length > 0 ? pages[0].focus() : self.clients.openWindow("/"));
}
