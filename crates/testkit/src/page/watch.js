// Counts what the page holds of the browser, and times how long after the click on Accept its
// request leaves. Runs as the body of a WebDriver script, once, in a page that was just loaded.

if (!window.watchedInThePage) {
  const watched = { peers: new Set(), opened: 0, tracks: new Set(), timers: new Set(), accepts: [] };
  window.watchedInThePage = watched;

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

  let clicked = null;
  const note = (event) => {
    // The time of the person's hand, not that of the page's own code.
    if (event.target.closest("button")?.textContent.startsWith("Accept")) clicked = event.timeStamp;
  };
  document.addEventListener("click", note, true);
  const post = window.fetch;
  window.fetch = (asked, ...rest) => {
    const address = typeof asked === "string" ? asked : asked.url;
    if (clicked !== null && address.includes("/calls/whatsapp/action")) {
      performance.mark("accept leaves");
      watched.accepts.push(performance.now() - clicked);
      clicked = null;
    }
    return post.call(window, asked, ...rest);
  };
}

const { peers, opened, tracks, timers, accepts } = window.watchedInThePage;
const count = (all, lives) => [...all].filter(lives).length;
return {
  peers: count(peers, (peer) => peer.connectionState !== "closed"),
  opened,
  tracks: count(tracks, (track) => track.readyState === "live"),
  timers: timers.size,
  accepts,
};
