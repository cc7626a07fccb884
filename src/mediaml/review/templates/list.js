"use strict";
// The list: filtered, ordered, and only those rows that are seen are part of the page.

const ROW = 64;  // pixels; review.css has the same
const list = {shown: [], current: null, rows: new Map(), due: false};
const COLLATOR = new Intl.Collator("en", {numeric: true});
const byFile = (one, other) => COLLATOR.compare(one.source, other.source) || one.start - other.start;
const sure = item => item.confidence === undefined ? -1 : item.confidence;
const worth = item => item.value === undefined ? -Infinity : item.value;
const ORDERS = {
  value: (one, other) => worth(other) - worth(one) || sure(other) - sure(one),
  confidence: (one, other) => sure(other) - sure(one),
  doubt: (one, other) => sure(one) - sure(other),
  file: byFile,
};

function compared(order) {
  // -Infinity less itself is no number
  return (one, other) => ORDERS[order](one, other) || 0;
}

function inState(item, state) {
  const verdict = verdicts.get(item.id);
  if (state === "open") return !verdict;
  if (state === "judged") return Boolean(verdict);
  return state === "all" || Boolean(verdict && verdict.verdict === state);
}

function filterList() {
  const label = byId("by-label").value;
  const file = byId("by-file").value.trim().toLowerCase();
  const least = Number(byId("least").value) / 100;
  const state = byId("by-state").value;
  const found = REVIEW.items.filter(item =>
    (label === "" || (label === "-" ? labelsOf(item).length === 0 : labelsOf(item).includes(label.slice(1)))) &&
    (file === "" || item.source.toLowerCase().includes(file)) &&
    (least === 0 || sure(item) >= least) && inState(item, state));
  found.sort(compared(byId("order").value));
  list.shown = found;
  byId("matches").textContent = `${found.length.toLocaleString("en")} of ${counted(REVIEW.items.length, "item")}`;
  byId("least-said").textContent = `${byId("least").value} %`;
  byId("none").hidden = found.length > 0;
  byId("list").hidden = found.length === 0;
  byId("rows").style.height = `${found.length * ROW}px`;
  for (const row of list.rows.values()) row.remove();
  list.rows.clear();
  drawRows();
}

function positionOf(item) {
  return list.shown.indexOf(item);
}

function drawRows() {
  list.due = false;
  const box = byId("list");
  const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 4);
  const last = Math.min(list.shown.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + 4);
  for (const [number, row] of list.rows) {
    if (number < first || number >= last) {
      row.remove();
      list.rows.delete(number);
    }
  }
  const fresh = [];
  for (let number = first; number < last; number++) {
    if (!list.rows.has(number)) {
      const row = rowOf(list.shown[number], number);
      list.rows.set(number, row);
      fresh.push(row);
    }
  }
  byId("rows").append(...fresh);
}

function rowOf(item, number) {
  const row = make("div", "item");
  row.id = `item-${number}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-posinset", number + 1);
  row.setAttribute("aria-setsize", list.shown.length);
  row.style.transform = `translateY(${number * ROW}px)`;
  row.addEventListener("click", () => { show(item, true); showList(false); });
  const picture = make("span", "thumb");
  if (item.thumb) {
    const image = make("img", item.kind === "sound" ? "sound" : "");
    image.src = item.thumb;
    image.alt = "";
    image.decoding = "async";
    picture.append(image);
  }
  const text = make("span", "text");
  text.append(make("b", "label"), make("span", "file", item.name), make("span", "time", span(item)));
  row.append(picture, text, make("span", "mark"));
  fillRow(row, item);
  return row;
}

function fillRow(row, item) {
  const verdict = verdicts.get(item.id);
  row.dataset.verdict = verdict ? verdict.verdict : "";
  row.setAttribute("aria-selected", String(item === list.current));
  const share = item.confidence === undefined || (verdict && verdict.verdict === "relabelled") ? "" : ` ${percent(item.confidence)}`;
  row.querySelector(".label").textContent = titleOf(item, verdict) + share;
  row.querySelector(".mark").textContent = verdict ? verdict.verdict : "";
}

function redrawRow(item) {
  const row = list.rows.get(positionOf(item));
  if (row) fillRow(row, item);
}

function markCurrent(item) {
  const before = list.current;
  list.current = item;
  if (before) redrawRow(before);
  const number = positionOf(item);
  if (number < 0) return;
  bringIntoView(number);
  redrawRow(item);
  byId("list").setAttribute("aria-activedescendant", `item-${number}`);
}

function bringIntoView(number) {
  const box = byId("list");
  if (box.clientHeight === 0) return;
  const top = number * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
  drawRows();
}

function fillFilters() {
  const counts = new Map();
  for (const item of REVIEW.items) {
    const labels = labelsOf(item);
    for (const label of labels.length ? labels : [null]) counts.set(label, (counts.get(label) || 0) + 1);
  }
  const option = (value, text) => { const one = make("option", "", text); one.value = value; return one; };
  const labels = [...counts.keys()].filter(label => label !== null).sort(COLLATOR.compare);
  byId("by-label").append(option("", `all (${REVIEW.items.length.toLocaleString("en")})`));
  for (const label of labels) byId("by-label").append(option(`=${label}`, `${label} (${counts.get(label).toLocaleString("en")})`));
  if (counts.has(null)) byId("by-label").append(option("-", `no label (${counts.get(null).toLocaleString("en")})`));
  const names = [...new Set(REVIEW.items.map(item => item.name))].sort(COLLATOR.compare).slice(0, 500);
  byId("names").append(...names.map(name => option(name, name)));
  byId("order").value = REVIEW.order;
  if (!REVIEW.items.some(item => item.value !== undefined)) {
    byId("order").querySelector('[value="value"]').remove();
    if (REVIEW.order === "value") byId("order").value = "confidence";
    if (!REVIEW.items.some(item => item.confidence !== undefined)) byId("order").value = "file";
  }
}

byId("list").addEventListener("scroll", () => {
  if (!list.due) requestAnimationFrame(drawRows);
  list.due = true;
}, {passive: true});
new ResizeObserver(drawRows).observe(byId("list"));
