// Counts what the page holds of the browser, and times how long after the click on Accept its
// request leaves. Runs as the body of a WebDriver script; the first run, in a page that was just
// loaded, begins to count.

if (!window.watchedInThePage) {
  const watched = { peers: new Set(), opened: 0, tracks: new Set(), timers: new Set(), accepts: [], ahead: 0 };
  window.watchedInThePage = watched;
  // What init answered first is what it answers again.
  window.wasmBindings?.default().then((page) => {
    watched.memory = Object.values(page).find((one) => one instanceof window.WebAssembly.Memory);
  });

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      watched.peers.add(this);
      watched.opened += 1;
    }
  };

  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    stream.getTracks().forEach((track) => watched.tracks.add(track));
    return stream;
  };

  // Nothing of a call may be kept by the browser for the page's sake.
  watched.media = new Set();
  const note = (made) => (watched.media.add(new WeakRef(made)), made);
  window.MediaStream = new Proxy(MediaStream, { construct: (kind, given) => note(new kind(...given)) });
  const { clone } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.clone = function () {
    return note(clone.call(this));
  };
  const { createMediaStreamSource } = AudioContext.prototype;
  AudioContext.prototype.createMediaStreamSource = function (stream) {
    return note(createMediaStreamSource.call(this, stream));
  };

  const { setTimeout, setInterval, clearTimeout, clearInterval } = window;
  window.setTimeout = (act, ...rest) => {
    const timer = setTimeout((...given) => {
      watched.timers.delete(timer);
      act(...given);
    }, ...rest);
    watched.timers.add(timer);
    return timer;
  };
  window.setInterval = (...given) => {
    const timer = setInterval(...given);
    watched.timers.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => (watched.timers.delete(timer), clearTimeout(timer));
  window.clearInterval = (timer) => (watched.timers.delete(timer), clearInterval(timer));

  // Listeners by what they listen to, which they must not keep alive.
  const heard = new WeakMap();
  watched.targets = new Set();
  watched.listeners = (target) => heard.get(target).size;
  const numbers = new WeakMap();
  let last = 0;
  const nameOf = (type, listener, options) => {
    const capture = typeof options === "object" ? options?.capture : options;
    if (!numbers.has(listener)) numbers.set(listener, (last += 1));
    return `${type} ${numbers.get(listener)} ${Boolean(capture)}`;
  };
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    // Those that remove themselves are of no interest.
    if (listener && !options?.once && !options?.signal) {
      if (!heard.has(target)) {
        heard.set(target, new Set());
        watched.targets.add(new WeakRef(target));
      }
      heard.get(target).add(nameOf(type, listener, options));
    }
    return addEventListener.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener) heard.get(target)?.delete(nameOf(type, listener, options));
    return removeEventListener.call(target, type, listener, options);
  };

  let clicked = null;
  const click = (event) => {
    // The time of the person's hand, not that of the page's own code.
    if (event.target.closest("button")?.textContent.startsWith("Accept")) clicked = event.timeStamp;
  };
  addEventListener.call(document, "click", click, true);
  const leaves = (isFrame) => {
    if (clicked === null) return;
    performance.mark("accept leaves");
    watched.accepts.push(performance.now() - clicked);
    watched.ahead += isFrame;
    clicked = null;
  };
  const post = window.fetch;
  window.fetch = (asked, ...rest) => {
    const address = typeof asked === "string" ? asked : asked.url;
    if (address.includes("/calls/whatsapp/action")) leaves(false);
    return post.call(window, asked, ...rest);
  };
  const say = WebSocket.prototype.send;
  WebSocket.prototype.send = function (frame) {
    if (typeof frame === "string" && frame.startsWith('{"accept":')) leaves(true);
    return say.call(this, frame);
  };
}

const watched = window.watchedInThePage;

// Only a Chromium that is told so when it is started has these two. First of all: what this
// script looks at lives until it ends.
window.gc?.();
const heap = window.gc ? performance.memory?.usedJSHeapSize : undefined;

// What is over is held by nobody but this script.
const prune = (all, lives) => all.forEach((one) => lives(one) || all.delete(one));
prune(watched.peers, (peer) => peer.connectionState !== "closed");
prune(watched.tracks, (track) => track.readyState === "live");
prune(watched.targets, (target) => target.deref() !== undefined);
prune(watched.media, (made) => made.deref() !== undefined);

const lives = (target) =>
  !(target instanceof Node && !target.isConnected) &&
  !(target instanceof RTCPeerConnection && target.connectionState === "closed") &&
  !(target instanceof MediaStreamTrack && target.readyState === "ended") &&
  !(target instanceof WebSocket && target.readyState === WebSocket.CLOSED);
const listeners = {};
for (const target of watched.targets) {
  const one = target.deref();
  const many = one && lives(one) ? watched.listeners(one) : 0;
  if (many > 0) listeners[one.constructor.name] = (listeners[one.constructor.name] ?? 0) + many;
}

return {
  peers: watched.peers.size,
  opened: watched.opened,
  tracks: watched.tracks.size,
  timers: watched.timers.size,
  listeners,
  elements: document.getElementsByTagName("*").length,
  memory: watched.memory?.buffer.byteLength ?? 0,
  heap: heap ?? null,
  media: window.gc ? watched.media.size : null,
  accepts: watched.accepts,
  ahead: watched.ahead,
};
