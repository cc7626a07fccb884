"use strict";
// Verdicts: in memory, in the browser's storage at every step, and in files.

const ITEMS = new Map(REVIEW.items.map(item => [item.id, item]));
const STORED = `mediaml-review/${REVIEW.id}/`;
const KINDS = ["accepted", "rejected", "relabelled"];
const verdicts = new Map();  // by id of the item: the entry of the file, which outlives the item
const steps = [];            // what each step changed: [{id, before}, ...]
let unsaved = false;         // whether something is only in memory

function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(STORED + key);
    else localStorage.setItem(STORED + key, JSON.stringify(value));
  } catch (error) {
    unsaved = true;
    warn(`This browser keeps no more verdicts (${error.name}). Press "Save verdicts" before you close the page.`);
  }
}

function readStored() {
  const found = [];
  try {
    for (let number = 0; number < localStorage.length; number++) {
      const key = localStorage.key(number);
      if (key.startsWith(STORED)) found.push([key.slice(STORED.length), JSON.parse(localStorage.getItem(key))]);
    }
  } catch (error) {
    unsaved = true;
    warn(`This browser keeps no verdicts (${error.name}). Press "Save verdicts" before you close the page.`);
  }
  for (const [key, value] of found) if (key.startsWith("v/") && isVerdict(value)) verdicts.set(key.slice(2), value);
  const past = found.filter(([key, value]) => key.startsWith("s/") && Array.isArray(value));
  past.sort((one, other) => Number(one[0].slice(2)) - Number(other[0].slice(2)));
  steps.push(...past.map(([, value]) => value));
}

function keep(id, verdict) {
  if (verdict === null) verdicts.delete(id);
  else verdicts.set(id, verdict);
  store(`v/${id}`, verdict);
}

function step(changes) {
  const before = changes.map(([id]) => ({id, before: verdicts.get(id) || null}));
  steps.push(before);
  store(`s/${steps.length}`, before);
  for (const [id, verdict] of changes) keep(id, verdict);
}

function judge(item, verdict, judged, boxes) {
  const said = {verdict, judged: judged || null, boxes: boxes || null, when: new Date().toISOString()};
  step([[item.id, entryOf(item, said)]]);
}

function undoStep() {
  const last = steps.pop();
  if (!last) return null;
  store(`s/${steps.length + 1}`, null);
  for (const {id, before} of last) keep(id, before);
  return last.map(({id}) => id);
}

function judgedCount() {
  let count = 0;
  for (const id of verdicts.keys()) if (ITEMS.has(id)) count += 1;
  return count;
}

// -- boxes ------------------------------------------------------------------------------------------------------------

function boxesOf(item) {
  const verdict = verdicts.get(item.id);
  return (verdict && verdict.boxes) || item.boxes || null;
}

// -- files ------------------------------------------------------------------------------------------------------------

function isBox(box) {
  return box && typeof box.label === "string" && ["left", "top", "width", "height"].every(side => Number.isFinite(box[side]));
}

// What is left out is null, as for from_review.
function isVerdict(entry) {
  const none = value => value === null || value === undefined;
  return entry && KINDS.includes(entry.verdict) && (none(entry.judged) || typeof entry.judged === "string") &&
    (none(entry.boxes) || (Array.isArray(entry.boxes) && entry.boxes.every(isBox)));
}

function entryOf(item, verdict) {
  return {
    id: item.id, source: item.source, sense: item.sense, kind: item.kind, start: item.start, end: item.end,
    time: item.time === undefined ? null : item.time, label: item.label || null, judged: verdict.judged,
    verdict: verdict.verdict, boxes: verdict.boxes, width: item.width || null, height: item.height || null,
    group: item.group || null, when: verdict.when,
  };
}

// Those on the page as it is now, then those on what is no longer on it.
function fileOfVerdicts() {
  const here = REVIEW.items.filter(item => verdicts.has(item.id)).map(item => entryOf(item, verdicts.get(item.id)));
  const gone = [...verdicts].filter(([id, entry]) => !ITEMS.has(id) && entry.source).map(([, entry]) => entry);
  return {format: 1, review: REVIEW.id, title: REVIEW.title, items: [...here, ...gone]};
}

function saveVerdicts() {
  const content = fileOfVerdicts();
  const address = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], {type: "application/json"}));
  const link = make("a");
  link.href = address;
  link.download = "verdicts.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  unsaved = false;
  return content.items.length;
}

// Of several verdicts on one item the latest.
function latest(entries) {
  const found = new Map();
  for (const entry of entries) {
    const other = found.get(entry.id);
    if (!other || (entry.when || "") >= (other.when || "")) found.set(entry.id, entry);
  }
  return [...found.values()];
}

// Gives what was added, or a sentence that says what is wrong with the file.
function loadVerdicts(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return `It is not JSON (${error.message}).`;
  }
  if (!found || found.format !== 1 || !Array.isArray(found.items)) return "It is no file of verdicts that this page understands.";
  const bad = found.items.findIndex(entry => !entry || typeof entry.id !== "string" || !isVerdict(entry));
  if (bad >= 0) return `Entry ${bad + 1} is no verdict.`;
  const given = latest(found.items);
  const known = given.filter(entry => ITEMS.has(entry.id));
  const later = known.filter(({id, when}) => !verdicts.has(id) || (when || "") > (verdicts.get(id).when || ""));
  if (later.length) step(later.map(({id, verdict, judged, boxes, when}) =>
    [id, entryOf(ITEMS.get(id), {verdict, judged: judged || null, boxes: boxes || null, when: when || null})]));
  return {added: later.length, older: known.length - later.length, strange: given.length - known.length};
}
