"use strict";
// Words and small parts of the page. Whatever comes from users is set as text, never as markup.

const byId = id => document.getElementById(id);

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function percent(share) {
  const value = 100 * share;
  return value >= 99.5 && value < 99.95 ? `${value.toFixed(1)} %` : `${Math.round(value)} %`;
}

function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const two = number => String(number).padStart(2, "0");
  const start = whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}` : `${Math.floor(whole / 60)}`;
  return `${start}:${two(whole % 60)}.${tenths % 10}`;
}

function counted(number, what) {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

function span(item) {
  if (item.kind === "picture") return "";
  if (!(item.end > item.start)) return item.start > 0 ? clock(item.start) : "";
  return `${clock(item.start)} – ${clock(item.end)}`;
}

function labelsOf(item) {
  if (item.label) return [item.label];
  return [...new Set((item.boxes || []).map(box => box.label))];
}

function titleOf(item, verdict) {
  if (verdict && verdict.verdict !== "rejected") {
    if (verdict.judged) return verdict.judged;
    const drawn = [...new Set((verdict.boxes || []).map(box => box.label))];
    return drawn.length ? drawn.join(", ") : "nothing in it";
  }
  const labels = labelsOf(item);
  return labels.length ? labels.join(", ") : "no label yet";
}

function say(text) {
  byId("said").textContent = "";
  // a reader that is told the same twice says it once: the empty text between tells them apart
  requestAnimationFrame(() => { byId("said").textContent = text; });
}

function warn(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}
