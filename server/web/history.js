// The last drawings, newest first, kept in this browser.

import { percent } from "./result.js";
import { say } from "./text.js";

const KEY = "digitd.history";
const MOST = 24;
const find = (id) => document.getElementById(id);

let entries = [];
try {
  entries = JSON.parse(localStorage.getItem(KEY)) ?? [];
} catch { /* No storage, or not ours: an empty history. */ }

function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries));
  } catch { /* Full, or forbidden: the history lasts as long as the page. */ }
}

function mark(entry, value) {
  entry.mark = entry.mark === value ? undefined : value;
  save();
  showHistory();
  document.querySelector(`[data-entry="${entry.time}"][data-mark="${value}"]`)?.focus();
}

function button(entry, value, path) {
  const made = document.createElement("button");
  made.type = "button";
  made.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`;
  made.ariaLabel = say(value);
  made.title = say(value);
  made.ariaPressed = entry.mark === value;
  made.dataset.mark = value;
  made.dataset.entry = entry.time;
  made.onclick = () => mark(entry, value);
  return made;
}

function item(entry) {
  const made = document.createElement("li");
  const image = new Image(56, 56);
  image.src = entry.image;
  image.alt = say("entry", entry.prediction, percent(entry.confidence));
  const digit = document.createElement("b");
  digit.textContent = entry.prediction;
  digit.ariaHidden = true;
  const marks = document.createElement("span");
  marks.className = "marks";
  marks.append(button(entry, "right", "M5 12.500l4.500 4.500L19 7"), button(entry, "wrong", "M6.500 6.500l11 11M17.500 6.500l-11 11"));
  made.append(image, digit, marks);
  return made;
}

export function showHistory() {
  const marked = entries.filter((entry) => entry.mark);
  const right = marked.filter((entry) => entry.mark === "right");
  find("history").hidden = entries.length === 0;
  find("entries").replaceChildren(...entries.map(item));
  find("score").textContent = marked.length ? say("score", right.length, marked.length) : "";
}

// Adds an entry, or renews the one of the same drawing.
export function remember(drawing, image, { prediction, confidence, probabilities, model }) {
  const old = entries.findIndex((entry) => entry.time === drawing);
  const entry = { time: drawing, prediction, confidence, probabilities, model, image };
  if (old >= 0) entries.splice(old, 1);
  entries.unshift(entry);
  entries.length = Math.min(entries.length, MOST);
  save();
  showHistory();
}

export function forget() {
  entries = [];
  save();
  showHistory();
}

export function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(entries, null, 2)], { type: "application/json" }));
  link.download = "digits.json";
  link.click();
  URL.revokeObjectURL(link.href);
}
