// What the network thinks, shown: the digit, the bars, the 28x28, the facts, and what went wrong.

import { language, say } from "./text.js";

const find = (id) => document.getElementById(id);
const REMEDIES = { "several-digits": "segment", "unauthorized": "unlock" }; // by kind of problem
const SETTLED = 700; // ms after which a result is read out

export function percent(value) {
  const digits = value > 0.999 || value < 0.1 ? 1 : 0;
  const shown = value < 1 && value > 0.999 ? 0.999 : value;
  const text = new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: digits }).format(shown);
  return shown === value ? text : `> ${text}`;
}

const bars = Array.from({ length: 10 }, (_, digit) => {
  const item = document.createElement("li");
  item.innerHTML = `<b>${digit}</b><span class="bar"><i></i></span><span class="value"></span>`;
  find("bars").append(item);
  return { item, fill: item.querySelector("i"), value: item.querySelector(".value") };
});

function showBars(probabilities) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  bars.forEach(({ item, fill, value }, digit) => {
    const p = probabilities[digit] ?? 0;
    fill.style.transform = `scaleY(${p})`;
    value.textContent = probabilities.length ? percent(p) : "";
    item.classList.toggle("best", digit === best);
    item.classList.toggle("faint", p < 0.005);
  });
}

function showSeen(input) {
  find("seen").hidden = !input;
  if (input) find("seen").src = input;
}

// A note, and what can be done about it: "segment", "unlock" or nothing.
function showNote(text, remedy = "") {
  find("note").hidden = !text;
  find("trouble").textContent = text;
  for (const id of ["segment", "unlock"]) find(id).hidden = id !== remedy;
}

let settling = 0;
function announce(text) {
  clearTimeout(settling);
  settling = setTimeout(() => { find("live").textContent = text; }, SETTLED);
}

// Begins anew: what a caller does not show after this is empty.
function show(state, digit, sure, key = "") {
  showBars([]);
  showSeen(null);
  showBoxes([]);
  find("result").dataset.state = state;
  find("digit").textContent = digit;
  find("sure").textContent = sure;
  find("sure").dataset.text = key; // what a change of language says anew
}

export function showNothing() {
  show("empty", "?", say("waiting"), "waiting");
  showNote("");
  find("latency").textContent = "–";
  announce(say("cleared"));
}

export function showModel({ name, version }) {
  find("model").textContent = `${name} ${version}`;
}

function showFacts({ milliseconds, model }) {
  const time = new Intl.NumberFormat(language(), { maximumFractionDigits: 1 });
  find("latency").textContent = `${time.format(milliseconds)} ms`;
  showModel(model);
}

// `unfinished`: more is about to be drawn, so doubts can wait.
export function showAnswer(answer, unfinished = false) {
  const { prediction, confidence, probabilities, uncertain, input } = answer;
  const sure = uncertain ? say("unsure", percent(confidence)) : say("sure", percent(confidence));
  show(uncertain ? "unsure" : "sure", prediction, sure);
  showBars(probabilities);
  showSeen(input);
  if (uncertain && !unfinished) showNote(say("doubt"), "segment");
  else showNote("");
  showFacts(answer);
  announce(`${prediction}: ${sure}`);
}

// Where digits were found on the paper, which shows a picture of that width and height.
function showBoxes(digits, { width, height } = {}) {
  const side = Math.max(width, height);
  find("boxes").replaceChildren(...digits.map(({ box, prediction }) => {
    const made = document.createElement("span");
    const label = document.createElement("b");
    const share = (value) => `${(value / side) * 100}%`;
    label.textContent = prediction;
    made.append(label);
    made.style.left = share(box.x + (side - width) / 2);
    made.style.top = share(box.y + (side - height) / 2);
    made.style.width = share(box.width);
    made.style.height = share(box.height);
    return made;
  }));
}

// Several digits of one picture, in reading order.
export function showDigits(answer, picture) {
  const read = answer.digits.map((each) => each.prediction).join(" ");
  const least = Math.min(...answer.digits.map((each) => each.confidence));
  show("many", read, say("many", answer.digits.length, percent(least)));
  showNote("");
  showBoxes(answer.digits, picture);
  showFacts(answer);
  announce(`${read}. ${find("sure").textContent}`);
}

export function showTrouble(trouble) {
  const kind = trouble.type?.split("#")[1];
  const text = kind ? say(`problem ${kind}`) ?? trouble.detail : say("unreachable");
  show("trouble", "?", say("no answer"), "no answer");
  showNote(text, REMEDIES[kind]);
  announce(text);
}
