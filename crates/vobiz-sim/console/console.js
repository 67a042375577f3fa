// The console: asks the control API twice a second and shows the answers.
"use strict";

const PAUSE_MS = 500;
const PATIENCE_MS = 3000;
const COPIED_MS = 1500;
// The meter's left end; below it speech can't be told from a quiet room.
const QUIETEST_DBFS = -60;

const STATES = { ringing: "Ringing", pre_accepted: "Pre-accepted", accepted: "Connected", ended: "Ended" };
const REASONS = {
  business_hung_up: "the agent hung up",
  person_hung_up: "hung up here",
  caller_gave_up: "gave up calling",
  business_rejected: "the agent rejected it",
  person_rejected: "declined",
  person_did_not_answer: "did not answer",
  business_did_not_accept: "the business did not answer in time",
  connection_lost: "the agent's connection was lost",
  no_media_at_start: "no sound came from the agent",
  no_media_later: "sound from the agent stopped",
  broke: "the call broke",
  handset_failed: "the handset could not use the agent's SDP",
};

const at = (id) => document.getElementById(id);
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const copyOf = (id) => at(id).content.firstElementChild.cloneNode(true);
const people = new Map();
const calls = new Map();

async function ask(path, options = {}) {
  const response = await fetch("/control" + path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  const body = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Error(body.message || "The simulator refused the request.");
  return body;
}

async function act(button, path, body, method = "POST") {
  const press = button.tagName === "BUTTON";
  if (press) button.disabled = true;
  try {
    await ask(path, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body ?? {}),
    });
    notice("");
  } catch (error) {
    notice(`That did not work: ${error.message}`);
  } finally {
    if (press) button.disabled = false;
  }
}

function notice(words) {
  at("notice").textContent = words;
  at("notice").hidden = words === "";
}

function set(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function showPeople(list, live) {
  for (const person of list) {
    if (people.has(person.number)) continue;
    const row = copyOf("person");
    row.querySelector(".name").textContent = person.name;
    row.querySelector(".does").textContent = person.description;
    row.querySelector(".digits").textContent = person.number;
    const copy = row.querySelector(".copy");
    copy.setAttribute("aria-label", `Copy ${person.name}'s number ${person.number}`);
    copy.addEventListener("click", () => copyNumber(copy, person.number));
    const ring = row.querySelector(".ring");
    ring.setAttribute("aria-label", `Call the business as ${person.name}`);
    ring.addEventListener("click", () => act(ring, "/ring", { from: person.number }));
    at(person.code ? "codes" : "people").append(row);
    people.set(person.number, ring);
  }
  for (const [number, ring] of people) {
    ring.disabled = live.has(number);
    ring.title = live.has(number) ? "Already in a call with the business" : "";
  }
}

async function copyNumber(button, number) {
  const words = button.querySelector(".digits");
  try {
    await navigator.clipboard.writeText(number);
    words.textContent = "Copied";
  } catch {
    notice(`Copying is not allowed here. The number is ${number}.`);
  }
  setTimeout(() => { words.textContent = number; }, COPIED_MS);
}

function showCalls(list) {
  const known = new Set(list.map((call) => call.id));
  for (const [id, row] of calls) {
    if (!known.has(id)) {
      row.remove();
      calls.delete(id);
    }
  }
  // Oldest first, so that each new one lands on top.
  for (const call of [...list].reverse()) {
    let row = calls.get(call.id);
    if (!row) {
      row = newCall(call);
      calls.set(call.id, row);
      at("calls").prepend(row);
    }
    showCall(row, call);
  }
  at("no-calls").hidden = list.length > 0;
}

function newCall(call) {
  const row = copyOf("one-call");
  const inbound = call.direction === "inbound";
  row.querySelector(".direction use").setAttribute("href", inbound ? "#in" : "#out");
  row.querySelector(".name").textContent = call.name;
  row.querySelector(".who .digits").textContent = `${inbound ? "calls from" : "is called at"} ${call.number}`;
  const end = row.querySelector(".end");
  end.setAttribute("aria-label", `Hang up as ${call.name}`);
  const path = `/calls/${encodeURIComponent(call.id)}`;
  end.addEventListener("click", () => act(end, `${path}/hangup`));
  const move = row.querySelector(".move");
  move.addEventListener("click", () => act(move, `${path}/move`));
  const fields = [...row.querySelectorAll("[data-name]")];
  for (const field of fields) {
    field.addEventListener("input", () => {
      const chaos = Object.fromEntries(fields.map((one) => [one.dataset.name, valueOf(one)]));
      act(field, `${path}/media`, chaos, "PUT");
    });
  }
  return row;
}

function showCall(row, call) {
  const over = call.state === "ended";
  const pill = row.querySelector(".pill");
  set(pill, STATES[call.state] ?? call.state);
  pill.className = `pill ${call.state}`;
  row.classList.toggle("over", over);

  showLevel(row.querySelector(".meter"), over ? null : call.media.level_dbfs);
  showLevel(row.querySelector(".said"), over ? null : call.media.said_dbfs);
  set(row.querySelector(".says"), over || call.media.said_dbfs === null ? "" : `Says: ${sound(call.media.said_dbfs, call.media.said_hz)}`);
  for (const field of row.querySelectorAll("[data-name]")) show(field, call.media.chaos[field.dataset.name]);

  const words = row.querySelector(".words");
  set(words, over ? ended(call) : heard(call.media));
  words.classList.toggle("bad", call.media.early_media);
}

function showLevel(meter, level) {
  const shown = Math.max(level ?? QUIETEST_DBFS, QUIETEST_DBFS);
  meter.style.setProperty("--level", 1 - shown / QUIETEST_DBFS);
  meter.setAttribute("aria-valuenow", Math.round(shown));
}

const sound = (level, hertz) => `${minus(Math.round(level))} dBFS${hertz === null ? "" : `, ${Math.round(hertz)} Hz`}`;

// A control's value as the control API has it, and back; what somebody is
// changing right now is left alone.
const valueOf = (field) => (field.type === "checkbox" ? field.checked : field.tagName === "SELECT" ? field.value : Number(field.value));

function show(field, value) {
  if (document.activeElement !== field) {
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
  const output = field.nextElementSibling;
  if (output?.tagName === "OUTPUT") set(output, figure(field.dataset.name, valueOf(field)));
}

function figure(name, value) {
  if (name.endsWith("_ms")) return value < 1000 ? `${value} ms` : `${value / 1000} s`;
  return Number.isInteger(value) && value > 1 ? String(value) : `${Math.round(value * 100)} %`;
}

const words = (name) => capital(name.replace(/_ms$/, "").replaceAll("_", " ")).replace(/ id$/, " ID").replace(/ sdp$/, " SDP");

// Made once from what the control API says there is.
const GROUPS = [["switches", "Switches"], ["chaos.webhooks", "Webhooks"], ["chaos.rest", "REST requests"], ["chaos.media", "Sound"], ["timing", "Times"], ["delays", "Delays of requests"], ["limits", "Limits"]];
const settings = new Map();

function showSettings(all) {
  for (const [path, title] of GROUPS) {
    const group = path.split(".").reduce((part, key) => part[key], all);
    for (const [name, value] of Object.entries(group)) {
      if (Array.isArray(value)) continue;
      const key = `${path}.${name}`;
      if (!settings.has(key)) settings.set(key, newSetting(path, title, name, value, all));
      show(settings.get(key), value);
    }
  }
}

function newSetting(path, title, name, value, all) {
  const id = path.replace(".", "-");
  let group = at(id);
  if (!group) {
    group = make("fieldset", { id });
    group.append(make("legend", { textContent: title }));
    at("settings").append(group);
  }
  const label = make("label", { textContent: words(name) });
  const choices = path === "switches" ? all.choices[name] : name === "flow" ? ["both", "to_agent", "to_person"] : null;
  const field = make(choices ? "select" : "input");
  field.dataset.name = name;
  for (const choice of choices ?? []) field.append(new Option(choice.replaceAll("_", " "), choice));
  const rate = path.startsWith("chaos") && !/_ms$|seed|burst/.test(name);
  if (typeof value === "boolean") field.type = "checkbox";
  else if (!choices && rate) Object.assign(field, { type: "range", min: 0, max: 1, step: 0.05 });
  else if (!choices) Object.assign(field, { type: "number", min: 0 });
  label.append(field);
  if (field.type === "range") label.append(make("output"));
  else if (name.endsWith("_ms")) label.append(" ms");
  field.addEventListener("change", () => {
    const patch = [...path.split("."), name].reduceRight((inner, part) => ({ [part]: inner }), valueOf(field));
    act(field, "/settings", patch, "PATCH");
  });
  field.addEventListener("input", () => show(field, valueOf(field)));
  group.append(label);
  return field;
}

const clock = (at) => new Date(at).toLocaleTimeString("en-GB");

function showWire(id, notes, line) {
  const list = at(id);
  if (list.dataset.newest === String(notes[0]?.number)) return;
  list.dataset.newest = notes[0]?.number;
  list.replaceChildren(...notes.slice(0, 40).map((note) => {
    const [textContent, bad] = line(note);
    return make("li", { textContent, className: bad ? "bad" : "" });
  }));
}

let listed = false;

async function listScenarios() {
  const { scenarios } = await ask("/scenarios");
  listed = true;
  at("scenes").hidden = scenarios.length === 0;
  at("scenarios").replaceChildren(...scenarios.map((one) => {
    const row = copyOf("one-scenario");
    const [button] = row.children;
    const [title, about] = button.children;
    title.textContent = one.title;
    about.textContent = one.refusal ? `Not from here: ${one.refusal}` : one.pages > 1 ? `${one.holds} · ${one.pages} pages` : one.holds;
    button.disabled = one.refusal !== null;
    button.dataset.name = one.name;
    button.addEventListener("click", () => act(button, `/scenarios/${one.name}`));
    return row;
  }));
}

const MARKS = { done: "✓", now: "▸", next: "·", true: "✓", false: "✕", null: "•" };
let staged;

function showStage(stage) {
  // Drawn only when it changes: what is read stays where it is.
  const now = JSON.stringify(stage);
  if (now === staged) return;
  staged = now;
  at("stage").hidden = !stage;
  at("no-stage").hidden = Boolean(stage);
  for (const button of document.querySelectorAll(".play")) button.ariaPressed = button.dataset.name === stage?.name;
  if (!stage) return;
  const part = (selector) => at("stage").querySelector(selector);
  part("h3").textContent = stage.title;
  part(".holds").textContent = stage.why ? `Stopped: ${stage.why}` : stage.holds;
  const pill = part(".pill");
  pill.textContent = capital(stage.state);
  pill.className = `pill ${stage.state}`;
  const line = ({ text, state, yours, is_so = state }) => {
    const className = `${is_so}${yours ? " yours" : ""}`;
    const row = make("li", { className, textContent: capital(yours ? `You: ${text}` : text) });
    row.dataset.mark = MARKS[is_so];
    return row;
  };
  part("ol").replaceChildren(...stage.lines.map(line));
  part("ul").replaceChildren(...stage.sights.map(line));
}

at("find").addEventListener("input", () => {
  const wanted = at("find").value.toLowerCase();
  for (const row of at("scenarios").children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
});

const deliveryLine = (note) => [
  [clock(note.at), note.event, note.brief, note.attempt > 1 ? `try ${note.attempt}` : "", note.forged ? "wrong signature" : "", `→ ${note.error ?? note.status}`, note.fault ?? ""].filter(Boolean).join(" · "),
  note.fault !== null || (note.status !== 200 && !note.forged),
];
const requestLine = (note) => [
  [clock(note.at), `${note.method} ${note.path}`, note.brief, note.who, `→ ${note.status} in ${note.took_ms} ms`].filter(Boolean).join(" · "),
  note.status >= 400,
];

function ended(call) {
  const why = call.ended ? REASONS[call.ended.reason] ?? call.ended.reason : "";
  return [capital(why), keys(call.media), early(call.media)].filter(Boolean).join(" · ");
}

function heard(media) {
  if (!media.connected) return "Not connected to the agent yet";
  const parts = [];
  if (media.level_dbfs === null) {
    parts.push("Hears nothing");
  } else {
    parts.push(`Hears you: ${sound(media.level_dbfs, media.frequency_hz)}`);
  }
  return [...parts, keys(media), early(media)].filter(Boolean).join(" · ");
}

const keys = (media) => (media.dtmf ? `keys ${media.dtmf}` : "");
const early = (media) => (media.early_media ? "sound came before the accept" : "");
const minus = (number) => String(number).replace("-", "−");
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function showWebhooks(list) {
  const body = at("webhooks");
  while (body.rows.length > list.length) body.deleteRow(-1);
  while (body.rows.length < list.length) {
    const row = body.insertRow();
    for (let cell = 0; cell < 3; cell += 1) row.insertCell();
    row.cells[2].className = "number";
  }
  list.forEach((webhook, index) => {
    const [url, last, count] = body.rows[index].cells;
    const ok = webhook.last_status === 200;
    set(url, webhook.url);
    set(last, reply(webhook, ok));
    last.className = webhook.deliveries === 0 ? "" : ok ? "ok" : "bad";
    set(count, String(webhook.deliveries));
  });
  body.closest("table").hidden = list.length === 0;
  at("no-webhooks").hidden = list.length > 0;
}

function reply(webhook, ok) {
  if (webhook.deliveries === 0) return "Nothing sent yet";
  if (webhook.last_error) return `✕ ${capital(webhook.last_error)}`;
  return `${ok ? "✓" : "✕"} ${webhook.last_status}`;
}

function link(ok) {
  const place = at("link");
  set(place, ok ? "Live" : "The simulator does not answer. Is it still running? Trying again…");
  place.classList.toggle("lost", !ok);
}

async function refresh() {
  try {
    const state = await ask("/state");
    const business = state.business[0];
    if (business) set(at("business"), `${business.display_name} · ${business.phone_number}`);
    const live = new Set(state.calls.filter((call) => call.state !== "ended").map((call) => call.number));
    showPeople(state.people, live);
    showCalls(state.calls);
    showWebhooks(state.webhooks);
    if (!listed) await listScenarios();
    showStage(state.scenario);
    const [journal, all] = await Promise.all([ask("/journal"), ask("/settings")]);
    showWire("deliveries", journal.deliveries, deliveryLine);
    showWire("requests", journal.requests, requestLine);
    showSettings(all);
    link(true);
  } catch {
    link(false);
  }
}

async function run() {
  for (;;) {
    if (!document.hidden) await refresh();
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
  }
}

at("reset").addEventListener("click", () => act(at("reset"), "/reset"));
run();
