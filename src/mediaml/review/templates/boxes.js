"use strict";
// Boxes over a picture: shown, drawn, moved, sized, taken away. Numbers are pixels of the original picture.

const drawing = {on: false, box: null, chosen: -1, drag: null};
const CORNERS = [["left", "top"], ["right", "top"], ["left", "bottom"], ["right", "bottom"]];
const SMALLEST = 3;

function hasPicture(item) {
  return Boolean(item && item.picture && item.kind !== "sound" && item.sense === "seen");
}

function showBoxes(item) {
  const marks = byId("marks");
  marks.replaceChildren();
  byId("boxes-part").hidden = !hasPicture(item);
  if (!hasPicture(item)) return;
  const boxes = boxesOf(item) || [];
  boxes.forEach((box, number) => marks.append(boxMark(item, box, number)));
  if (drawing.box) marks.append(boxMark(item, drawing.box, -1));
  const place = focusedBox();
  byId("boxes").replaceChildren(...boxes.map((box, number) => boxLine(item, box, number)));
  if (!place) return;
  const line = byId("boxes").children[place.line];
  (line ? line.children[place.button] : byId("draw")).focus();
}

// Which button of which box has the focus: it stays there when the boxes are shown anew.
function focusedBox() {
  const button = document.activeElement.closest("#boxes button");
  if (!button) return null;
  const line = button.parentElement;
  return {line: [...line.parentElement.children].indexOf(line), button: [...line.children].indexOf(button)};
}

function boxMark(item, box, number) {
  const mark = make("div", number === drawing.chosen ? "box chosen" : "box");
  mark.dataset.number = number;
  placeMark(mark, item, box);
  if (box.label) mark.append(make("span", box.top < item.height * 0.08 ? "tag inside" : "tag", box.label));
  if (number === drawing.chosen) {
    CORNERS.forEach(([across, down]) => {
      const corner = make("i", `corner ${across} ${down}`);
      corner.dataset.corner = `${across} ${down}`;
      mark.append(corner);
    });
  }
  return mark;
}

function placeMark(mark, item, box) {
  mark.style.left = `${100 * box.left / item.width}%`;
  mark.style.top = `${100 * box.top / item.height}%`;
  mark.style.width = `${100 * box.width / item.width}%`;
  mark.style.height = `${100 * box.height / item.height}%`;
}

function boxLine(item, box, number) {
  const line = make("li", number === drawing.chosen ? "chosen" : "");
  const name = make("button", "name", box.confidence ? `${box.label} ${percent(box.confidence)}` : box.label);
  name.type = "button";
  name.setAttribute("aria-pressed", String(number === drawing.chosen));
  name.addEventListener("click", () => chooseBox(item, number));
  const label = make("button", "", "Label");
  label.type = "button";
  label.setAttribute("aria-label", `Another label for box ${number + 1}, ${box.label}`);
  label.addEventListener("click", () => relabelBox(item, number));
  const away = make("button", "", "Remove");
  away.type = "button";
  away.setAttribute("aria-label", `Remove box ${number + 1}, ${box.label}`);
  away.addEventListener("click", () => removeBox(item, number));
  line.append(name, label, away);
  return line;
}

function chooseBox(item, number) {
  drawing.chosen = drawing.chosen === number ? -1 : number;
  showBoxes(item);
}

// -- changing ---------------------------------------------------------------------------------------------------------

function setBoxes(item, boxes, said) {
  const own = verdicts.get(item.id);
  const relabelled = own && own.verdict === "relabelled";
  const label = relabelled ? own.judged : item.label || null;
  const fits = boxes.some(box => box.label === label);
  judge(item, relabelled ? "relabelled" : "accepted", fits ? label : null, boxes);
  refresh(item, said);
}

function removeBox(item, number) {
  const boxes = [...boxesOf(item)];
  const [gone] = boxes.splice(number, 1);
  drawing.chosen = -1;
  setBoxes(item, boxes, `Removed the box ${gone.label}. ${boxes.length} left.`);
}

async function relabelBox(item, number) {
  const boxes = [...boxesOf(item)];
  const label = await askLabel("What is in this box?", boxes[number].label);
  if (!label) return;
  boxes[number] = {...boxes[number], label};
  setBoxes(item, boxes, `This box is ${label}.`);
}

async function addBox(item, box) {
  drawing.box = box;
  showBoxes(item);
  const label = await askLabel("What is in this box?", lastLabel(item));
  drawing.box = null;
  if (!label) return showBoxes(item);
  const boxes = [...(boxesOf(item) || []), {label, ...box}];
  drawing.chosen = boxes.length - 1;
  setBoxes(item, boxes, `A box: ${label}.`);
}

function lastLabel(item) {
  const boxes = boxesOf(item) || [];
  return boxes.length ? boxes[boxes.length - 1].label : item.label || drawing.last || "";
}

function setDrawing(on) {
  drawing.on = on;
  byId("draw").setAttribute("aria-pressed", String(on));
  byId("frame").classList.toggle("drawing", on);
  if (on) say("Draw a box: drag in the picture, or press Enter for one in the middle.");
}

function middleBox(item) {
  const [width, height] = [item.width / 3, item.height / 3].map(Math.round);
  return {left: width, top: height, width, height};
}

// Moves or sizes the chosen box by a step of the keyboard.
function nudge(item, across, down, size) {
  const step = Math.max(1, Math.round(Math.max(item.width, item.height) / 100));
  const boxes = [...boxesOf(item)];
  const box = {...boxes[drawing.chosen]};
  if (size) resize(box, "right bottom", across * step, down * step);
  else { box.left += across * step; box.top += down * step; }
  boxes[drawing.chosen] = inside(item, box);
  setBoxes(item, boxes, "");
}

function resize(box, corner, across, down) {
  if (corner.includes("left")) { box.left += across; box.width -= across; } else box.width += across;
  if (corner.includes("top")) { box.top += down; box.height -= down; } else box.height += down;
}

function inside(item, box) {
  if (box.width < 0) { box.left += box.width; box.width = -box.width; }
  if (box.height < 0) { box.top += box.height; box.height = -box.height; }
  box.width = Math.min(Math.max(box.width, SMALLEST), item.width);
  box.height = Math.min(Math.max(box.height, SMALLEST), item.height);
  box.left = Math.min(Math.max(box.left, 0), item.width - box.width);
  box.top = Math.min(Math.max(box.top, 0), item.height - box.height);
  for (const side of ["left", "top", "width", "height"]) box[side] = Math.round(box[side] * 10) / 10;
  return box;
}

// -- the pointer ------------------------------------------------------------------------------------------------------

function placeOf(event, item) {
  const frame = byId("picture").getBoundingClientRect();
  const within = (value, most) => Math.min(Math.max(value, 0), most);
  return [within((event.clientX - frame.left) / frame.width, 1) * item.width,
    within((event.clientY - frame.top) / frame.height, 1) * item.height];
}

function startDrag(event) {
  const item = player.item;
  if (!hasPicture(item) || event.button !== 0) return;
  const [x, y] = placeOf(event, item);
  const mark = event.target.closest(".box");
  if (drawing.on) {
    drawing.drag = {x, y, corner: "new"};
    drawing.box = {left: x, top: y, width: 0, height: 0};
  } else if (mark && mark.dataset.number >= 0) {
    const number = Number(mark.dataset.number);
    drawing.chosen = number;
    drawing.drag = {x, y, number, corner: event.target.dataset.corner || "", start: {...boxesOf(item)[number]}};
    showBoxes(item);
  } else {
    if (drawing.chosen >= 0) { drawing.chosen = -1; showBoxes(item); }
    return;
  }
  event.preventDefault();
  byId("frame").setPointerCapture(event.pointerId);
}

function drag(event) {
  const item = player.item;
  if (!drawing.drag) return;
  const [x, y] = placeOf(event, item);
  const {corner, number, start} = drawing.drag;
  if (corner === "new") {
    drawing.box = {left: Math.min(x, drawing.drag.x), top: Math.min(y, drawing.drag.y),
      width: Math.abs(x - drawing.drag.x), height: Math.abs(y - drawing.drag.y)};
    return showBoxes(item);
  }
  const box = {...start};
  if (corner) resize(box, corner, x - drawing.drag.x, y - drawing.drag.y);
  else { box.left += x - drawing.drag.x; box.top += y - drawing.drag.y; }
  drawing.drag.box = inside(item, box);
  placeMark(byId("marks").querySelector(`[data-number="${number}"]`), item, box);
}

function endDrag() {
  const item = player.item;
  const done = drawing.drag;
  drawing.drag = null;
  if (!done) return;
  if (done.corner === "new") {
    const box = drawing.box;
    drawing.box = null;
    setDrawing(false);
    if (box.width < SMALLEST || box.height < SMALLEST) return showBoxes(item);
    addBox(item, inside(item, box));
  } else if (done.box) {
    const boxes = [...boxesOf(item)];
    boxes[done.number] = done.box;
    setBoxes(item, boxes, `Moved the box ${done.box.label}.`);
  }
}

byId("frame").addEventListener("pointerdown", startDrag);
byId("frame").addEventListener("pointermove", drag);
byId("frame").addEventListener("pointerup", endDrag);
byId("frame").addEventListener("pointercancel", endDrag);
