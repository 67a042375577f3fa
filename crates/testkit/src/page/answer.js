// Times an answer from the click on Accept on. Runs as the body of a WebDriver script, once, in a
// page that was just loaded and has no call yet; later runs only return what was timed.
//
// Sound counts as heard when the page's analyser finds a sample above the noise in what arrived
// (Chromium), or the receiver has handed its first frame to what plays it (a browser that keeps
// sound back on a machine without a loudspeaker).

if (!window.answersInThePage) {
  const answers = [];
  window.answersInThePage = answers;
  // A sixteenth of the far end's tone; decoded silence is far below.
  const AUDIBLE = 0.02;
  // How often it is looked for sound, in milliseconds: what timers allow.
  const LOOK = 4;
  // Longest wait for sound, in milliseconds.
  const LONGEST = 8000;
  let receivers = [];
  let context = null;

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ receiver, track }) => {
        const entry = { receiver, analyser: null };
        receivers = [...receivers.filter((one) => one.receiver.track.readyState === "live"), entry];
        context ??= new AudioContext();
        entry.analyser = context.createAnalyser();
        entry.analyser.fftSize = 512;
        context.createMediaStreamSource(new MediaStream([track])).connect(entry.analyser);
      });
    }
  };

  const samples = new Float32Array(512);
  const isHeard = ({ receiver, analyser }) => {
    if (context.state === "running") {
      analyser.getFloatTimeDomainData(samples);
      return samples.some((sample) => Math.abs(sample) > AUDIBLE);
    }
    return receiver.getSynchronizationSources().length > 0;
  };

  let answer = null;
  const listen = () => {
    if (answer === null) return;
    const late = performance.now() - answer.at;
    // A receiver remembers for seconds what it received; those of former calls say nothing.
    const live = receivers.filter((one) => one.receiver.track.readyState === "live");
    if (answer.arrived === null && live.some((one) => one.receiver.getSynchronizationSources().length > 0))
      answer.arrived = late;
    if (live.some(isHeard)) answer.heard = late;
    if (answer.heard !== null || late > LONGEST) answer = null;
    else setTimeout(listen, LOOK);
  };
  document.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest("button")?.textContent.startsWith("Accept")) return;
      // The time of the person's hand, not that of the page's own code.
      const at = event.timeStamp;
      answer = { at, clicked: performance.timeOrigin + at, leaves: null, arrived: null, heard: null };
      answers.push(answer);
      context?.resume();
      listen();
    },
    true,
  );
  const leaves = () => {
    const last = answers.at(-1);
    if (last?.leaves === null) last.leaves = performance.now() - last.at;
  };
  const post = window.fetch;
  window.fetch = (asked, ...rest) => {
    const address = typeof asked === "string" ? asked : asked.url;
    if (address.includes("/calls/whatsapp/action") || address.includes("/answer")) leaves();
    return post.call(window, asked, ...rest);
  };
  const say = WebSocket.prototype.send;
  WebSocket.prototype.send = function (frame) {
    if (typeof frame === "string" && frame.startsWith('{"accept":')) leaves();
    return say.call(this, frame);
  };
}

return window.answersInThePage;
