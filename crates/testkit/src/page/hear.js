// Records what the page plays of the far end. Runs as the body of an asynchronous WebDriver
// script: arguments are the length in milliseconds, the sample rate wanted and the callback.
//
// A recorder and an offline context, because a browser on a machine without a sound card keeps
// an ordinary audio context suspended.

const [length, rate, done] = arguments;

async function record() {
  const live = (track) => track.readyState === "live" && !track.muted;
  const element = [...(window.playedByThePage ?? []), ...document.querySelectorAll("audio, video")].find(
    (candidate) => candidate.srcObject && candidate.srcObject.getAudioTracks().some(live),
  );
  if (!element) return { problem: "the page plays no live sound track" };
  if (element.paused || element.muted || element.volume === 0) {
    const { paused, muted, volume } = element;
    return { problem: `the element is not heard: ${JSON.stringify({ paused, muted, volume })}` };
  }
  const recorder = new MediaRecorder(new MediaStream(element.srcObject.getAudioTracks()));
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, length));
  recorder.stop();
  await stopped;
  const bytes = await new Blob(parts).arrayBuffer();
  if (bytes.byteLength === 0) return { problem: "the recorder recorded nothing" };
  const decoded = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
  const samples = decoded.getChannelData(0);
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, at) => view.setInt16(at * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  let binary = "";
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return { samples: btoa(binary) };
}

record().then(done, (error) => done({ problem: String(error) }));
