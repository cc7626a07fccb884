"use strict";
// Asks for a label: those that are known are offered while it is written, and any other may be written.

const asking = {answer: null, choices: [], active: 0, known: new Set(REVIEW.labels)};
const MOST_CHOICES = 50;

function askLabel(title, proposed) {
  const dialog = byId("labels");
  byId("labels-title").textContent = title;
  byId("label").value = proposed || "";
  offerLabels(true);
  dialog.showModal();
  byId("label").select();
  return new Promise(resolve => { asking.answer = resolve; });
}

// At first all are offered, whatever stands in the field.
function offerLabels(all) {
  const written = byId("label").value.trim();
  const wanted = all ? "" : written.toLowerCase();
  const known = [...asking.known].sort(COLLATOR.compare);
  const begins = known.filter(label => label.toLowerCase().startsWith(wanted));
  const holds = known.filter(label => label.toLowerCase().includes(wanted) && !begins.includes(label));
  asking.choices = [...begins, ...holds].slice(0, MOST_CHOICES).map(label => ({label, text: label}));
  if (written && !asking.known.has(written)) asking.choices.push({label: written, text: `“${written}”, a new label`});
  const place = asking.choices.findIndex(choice => choice.label === written);
  asking.active = place >= 0 && (all || asking.known.has(written)) ? place : 0;
  drawChoices();
}

function drawChoices() {
  byId("choices").replaceChildren(...asking.choices.map((choice, number) => {
    const line = make("li", number === asking.active ? "active" : "", choice.text);
    line.id = `choice-${number}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(number === asking.active));
    line.addEventListener("click", () => answerLabel(choice.label));
    return line;
  }));
  byId("choices").hidden = asking.choices.length === 0;
  const active = byId(`choice-${asking.active}`);
  if (active) {
    byId("label").setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({block: "nearest"});
  } else byId("label").removeAttribute("aria-activedescendant");
}

function answerLabel(label) {
  if (label) {
    asking.known.add(label);
    drawing.last = label;
  }
  const answer = asking.answer;
  asking.answer = null;
  byId("label").blur();  // at once: the next key is for the page
  byId("labels").close();
  if (answer) answer(label || null);
}

byId("label").addEventListener("input", () => offerLabels(false));
byId("label").addEventListener("keydown", event => {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!step || !asking.choices.length) return;
  event.preventDefault();
  asking.active = (asking.active + step + asking.choices.length) % asking.choices.length;
  drawChoices();
});
byId("labels-form").addEventListener("submit", event => {
  event.preventDefault();
  const choice = asking.choices[asking.active];
  answerLabel(choice ? choice.label : byId("label").value.trim());
});
byId("labels-cancel").addEventListener("click", () => answerLabel(null));
// not "close", which comes late: another question may be asked by then
byId("labels").addEventListener("cancel", () => answerLabel(null));
