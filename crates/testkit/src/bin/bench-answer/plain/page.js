// Answers calls, and nothing else: what the product's page is measured against. In the classic
// order everything happens on the click: microphone, peer connection, offer, answer, gathering,
// post. `?ready` has all but the post done while it rings, to measure what upstream's requests cost.

const ready = new URLSearchParams(location.search).has("ready");
const main = document.querySelector("main");
let peer = null;

const show = (html) => (main.innerHTML = html);
const idle = () => show("<p>Nobody calls.</p>");
const microphone = () => navigator.mediaDevices.getUserMedia({ audio: true });

function connection() {
  const made = new RTCPeerConnection();
  made.ontrack = (event) => {
    const player = new Audio();
    player.srcObject = event.streams[0] ?? new MediaStream([event.track]);
    player.play();
    made.player = player;
  };
  return made;
}

const gathered = (made) =>
  new Promise((resolve) => {
    const look = () => made.iceGatheringState === "complete" && resolve();
    made.onicegatheringstatechange = look;
    look();
  });

const post = (call, sdp) => fetch("/answer", { method: "POST", body: JSON.stringify({ call, sdp }) });

async function classic({ call, sdp }) {
  const sound = await microphone();
  peer = connection();
  await peer.setRemoteDescription({ type: "offer", sdp });
  sound.getTracks().forEach((track) => peer.addTrack(track, sound));
  await peer.setLocalDescription(await peer.createAnswer());
  await gathered(peer);
  return post(call, peer.localDescription.sdp);
}

async function prepared({ call, sdp }, sound) {
  peer = connection();
  await peer.setRemoteDescription({ type: "offer", sdp });
  const [line] = peer.getTransceivers();
  line.direction = "sendrecv";
  const answer = await peer.createAnswer();
  return async () => {
    const reply = await post(call, answer.sdp);
    await peer.setLocalDescription(answer);
    await line.sender.replaceTrack(sound.getAudioTracks()[0]);
    return reply;
  };
}

async function watch() {
  const sound = ready ? await microphone() : null;
  for (;;) {
    idle();
    const offer = await (await fetch("/offer")).json();
    if (!offer) continue;
    const answer = ready ? await prepared(offer, sound) : () => classic(offer);
    show(`<div role="alertdialog" aria-label="Incoming call">Somebody calls <button>Accept</button></div>`);
    await new Promise((resolve) => (main.querySelector("button").onclick = resolve));
    await answer();
    show(`<section aria-label="Active call"><p role="status">Connected</p></section>`);
    await fetch("/over");
    peer.close();
    peer = null;
  }
}

watch();
