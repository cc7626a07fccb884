"use strict";
// The item that is judged, the buttons, the keys, and the start.

const current = () => list.current;

// -- showing ----------------------------------------------------------------------------------------------------------

function show(item, byHand) {
  if (!item) return showNothing();
  drawing.chosen = -1;
  drawing.box = null;
  setDrawing(false);
  markCurrent(item);
  loadClip(item);
  showStage(item);
  showFacts(item);
  refresh(item, "");
  document.title = `${titleOf(item, verdicts.get(item.id))} · ${REVIEW.title}`;
  if (byHand) say(`${titleOf(item)}, ${item.name}, ${span(item)}`);
  if (byHand && byId("auto").checked && item.clip) playClip(item, false);
}

function showNothing() {
  stopPlaying();
  list.current = null;
  byId("what").textContent = "Nothing to judge";
  for (const id of ["state", "where", "note"]) byId(id).textContent = "";
  for (const id of ["frame", "video", "problem", "boxes-part", "listening"]) byId(id).hidden = true;
  byId("facts").replaceChildren();
}

function showStage(item) {
  const video = item.kind === "video" && Boolean(item.clip);
  byId("video").hidden = !video;
  if (video) byId("video").poster = item.picture;
  const drawn = item.spectrogram || item.picture || "";
  byId("frame").hidden = !drawn;
  byId("frame").classList.toggle("sound", Boolean(drawnSound(item)));
  const shape = drawnSound(item) || !item.width ? 0 : item.width / item.height;
  byId("frame").style.aspectRatio = shape || "";
  byId("frame").style.width = shape ? `min(100%, calc(56dvh * ${shape}))` : "";
  byId("stage").classList.toggle("both", video && Boolean(drawn) && !drawnSound(item));
  byId("stage").classList.toggle("heard", video && Boolean(drawnSound(item)));
  byId("picture").alt = describe(item);
  if (drawn) byId("picture").src = drawn;
  byId("problem").hidden = !item.problem;
  byId("problem").textContent = item.problem ? `It cannot be shown: ${item.problem}` : "";
  byId("note").textContent = item.note ? `Only ${item.note} are kept here.` : "";
  byId("listening").hidden = !item.clip;
  showLimits(item);
}

function describe(item) {
  const what = drawnSound(item) ? "Spectrogram" : item.kind === "video" ? "Picture of the video" : "Picture";
  return `${what}: ${item.name} ${span(item)}`.trim();
}

function showLimits(item) {
  const drawn = drawnSound(item) && item.length > 0;
  byId("before").hidden = !(drawn && item.begins > 0);
  byId("after").hidden = !(drawn && item.ends < item.length);
  if (!drawn) return;
  byId("before").style.width = `${100 * item.begins / item.length}%`;
  byId("after").style.width = `${100 * (item.length - item.ends) / item.length}%`;
}

function showFacts(item) {
  const lines = Object.entries(item.parts || {}).map(([name, value]) => [name, String(Math.round(value * 1000) / 1000)]);
  if (item.value !== undefined) lines.unshift(["value", String(Math.round(item.value * 1000) / 1000)]);
  byId("facts").replaceChildren(...lines.map(([name, value]) => {
    const line = make("div");
    line.append(make("dt", "", name), make("dd", "", value));
    return line;
  }));
}

function refresh(item, said) {
  const verdict = verdicts.get(item.id);
  const share = item.confidence === undefined ? "" : ` ${percent(item.confidence)}`;
  byId("what").textContent = titleOf(item, verdict && verdict.verdict === "rejected" ? null : verdict) + (verdict && verdict.verdict === "relabelled" ? "" : share);
  const state = byId("state");
  state.textContent = verdict ? verdict.verdict + (verdict.verdict === "relabelled" && item.label ? `, was ${item.label}` : "") : "not judged";
  state.dataset.verdict = verdict ? verdict.verdict : "";
  byId("where").textContent = [item.name, span(item), item.model].filter(Boolean).join(" · ");
  byId("where").title = item.source;
  showBoxes(item);
  redrawRow(item);
  showProgress();
  if (said) say(said);
}

function showProgress() {
  const [done, all] = [judgedCount(), REVIEW.items.length];
  byId("count").textContent = `${done.toLocaleString("en")} of ${all.toLocaleString("en")} judged`;
  byId("bar").max = Math.max(1, all);
  byId("bar").value = done;
  byId("undo").disabled = steps.length === 0;
}

// -- judging ----------------------------------------------------------------------------------------------------------

function accept() {
  const item = current();
  if (!item) return;
  const own = verdicts.get(item.id);
  const boxes = boxesOf(item);
  const label = own && own.verdict === "relabelled" ? own.judged : item.label;
  if (!label && !boxes) return relabel();
  const fits = !boxes || boxes.some(box => box.label === label);
  judge(item, own && own.verdict === "relabelled" ? "relabelled" : "accepted", fits ? label : null, boxes);
  refresh(item, "");
  advance(`Accepted ${titleOf(item, verdicts.get(item.id))}.`);
}

function reject() {
  const item = current();
  if (!item) return;
  judge(item, "rejected", null, null);
  refresh(item, "");
  advance(`Rejected ${titleOf(item)}.`);
}

async function relabel() {
  const item = current();
  if (!item) return;
  const before = verdicts.get(item.id);
  const old = (before && before.judged) || item.label || "";
  const label = await askLabel(old ? `What is it, if not ${old}?` : "What is it?", old);
  if (!label) return;
  const boxes = boxesOf(item);
  const renamed = boxes && boxes.map(box => box.label === old || !old ? {...box, label} : box);
  judge(item, label === item.label ? "accepted" : "relabelled", label, renamed);
  refresh(item, "");
  advance(`${item.name} is ${label}.`);
}

function advance(said) {
  const from = positionOf(current());
  const open = item => !verdicts.has(item.id);
  const next = list.shown.slice(from + 1).find(open) || list.shown.slice(0, Math.max(0, from)).find(open);
  if (!next) return say(`${said} All of this list is judged.`);
  show(next, false);
  say(`${said} Next: ${titleOf(next)}, ${next.name}, ${span(next)}`);
  if (byId("auto").checked && next.clip) playClip(next, false);
}

function move(by) {
  const to = Math.min(Math.max(positionOf(current()) + by, 0), list.shown.length - 1);
  if (list.shown[to] && list.shown[to] !== current()) show(list.shown[to], true);
}

function undo() {
  const changed = undoStep();
  if (!changed) return say("There is nothing to undo.");
  const item = changed.map(id => ITEMS.get(id)).find(Boolean);
  for (const id of changed) if (ITEMS.has(id)) redrawRow(ITEMS.get(id));
  if (item) show(item, false);
  showProgress();
  say(changed.length > 1 ? `Undone: ${counted(changed.length, "verdict")}.` : `Undone: ${item ? item.name : "a verdict"}.`);
}

// -- files ------------------------------------------------------------------------------------------------------------

function save() {
  say(`${counted(saveVerdicts(), "verdict")} saved as verdicts.json.`);
}

async function load() {
  const [file] = byId("file").files;
  byId("file").value = "";
  if (!file) return;
  const came = loadVerdicts(await file.text());
  if (typeof came === "string") return warn(`${file.name} cannot be loaded. ${came}`);
  warn("");
  const more = [came.older && `${came.older} are older than what is here`, came.strange && `${came.strange} belong to no item of this page`];
  filterList();
  if (current()) refresh(current(), "");
  say([`${counted(came.added, "verdict")} loaded`, ...more.filter(Boolean)].join(", ") + ".");
}

// -- keys -------------------------------------------------------------------------------------------------------------

const KEYS = {
  " ": () => togglePlaying(current(), false), c: () => togglePlaying(current(), true), a: accept, r: reject, l: relabel,
  b: () => hasPicture(current()) && setDrawing(!drawing.on), n: () => move(1), p: () => move(-1), u: undo,
  "?": () => byId("help").showModal(), ArrowDown: () => move(1), ArrowRight: () => move(1), ArrowUp: () => move(-1), ArrowLeft: () => move(-1),
};
const LETTERS = /^[a-z?]$/;
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const field = event.target.closest("input, select, textarea");
  if (field) return;
  const placing = drawing.on && event.key === "Enter";
  if (!placing && event.target.closest("button") && [" ", "Enter"].includes(event.key)) return;
  if (boxKey(event)) return event.preventDefault();
  if (event.key === "PageDown" || event.key === "PageUp") move(event.key === "PageDown" ? 10 : -10);
  else if (event.key === "Home" || event.key === "End") move(event.key === "Home" ? -Infinity : Infinity);
  else if (KEYS[event.key] && (byId("keys").checked || !LETTERS.test(event.key))) KEYS[event.key]();
  else return;
  event.preventDefault();
}

// Keys that belong to drawing, and to the chosen box.
function boxKey(event) {
  const item = current();
  if (event.key === "Escape" && (drawing.on || drawing.chosen >= 0)) {
    setDrawing(false);
    drawing.chosen = -1;
    showBoxes(item);
    return true;
  }
  if (drawing.on && event.key === "Enter") {
    setDrawing(false);
    addBox(item, middleBox(item));
    return true;
  }
  if (drawing.chosen < 0 || !hasPicture(item)) return false;
  if (ARROWS[event.key]) nudge(item, ...ARROWS[event.key], event.shiftKey);
  else if (event.key === "Delete" || event.key === "Backspace") removeBox(item, drawing.chosen);
  else return false;
  return true;
}

// -- start ------------------------------------------------------------------------------------------------------------

// On a narrow screen the list and the item take turns.
function showList(on) {
  document.body.classList.toggle("listing", on);
  byId("switch").setAttribute("aria-pressed", String(on));
  if (on && current()) bringIntoView(positionOf(current()));
}

function onButton(id, action) {
  byId(id).addEventListener("click", event => {
    if (event.detail > 0) byId(id).blur();  // by pointer: the space bar goes on to play
    action();
  });
}

function filtered() {
  const before = current();
  filterList();
  if (before && list.shown.includes(before)) markCurrent(before);
  else show(list.shown[0], false);
}

function listen() {
  const actions = {accept, reject, relabel, undo, save, next: () => move(1), previous: () => move(-1),
    play: () => togglePlaying(current(), false), around: () => togglePlaying(current(), true),
    draw: () => setDrawing(!drawing.on), load: () => byId("file").click(), "help-button": () => byId("help").showModal(),
    "help-close": () => byId("help").close(), switch: () => showList(!document.body.classList.contains("listing"))};
  for (const [id, action] of Object.entries(actions)) onButton(id, action);
  byId("file").addEventListener("change", load);
  byId("picture").addEventListener("click", () => { if (drawnSound(current())) togglePlaying(current(), false); });
  byId("video").addEventListener("click", () => togglePlaying(current(), false));
  byId("picture").addEventListener("dragstart", event => event.preventDefault());
  byId("filters").addEventListener("input", filtered);
  byId("filters").addEventListener("submit", event => event.preventDefault());
  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeunload", event => { if (unsaved && verdicts.size) event.preventDefault(); });
}

function start() {
  readStored();
  fillFilters();
  listen();
  filterList();
  show(list.shown.find(item => !verdicts.has(item.id)) || list.shown[0], false);
  showProgress();
  document.body.dataset.ready = "yes";
}

start();
