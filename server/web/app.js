// The page put together: what is drawn goes to the server, what comes back is shown and remembered.

import { openCamera } from "./camera.js";
import { download, forget, remember, showHistory } from "./history.js";
import { Pad } from "./pad.js";
import { Predictor, key } from "./predict.js";
import { showAnswer, showDigits, showModel, showNothing, showTrouble } from "./result.js";
import { language, say, speak } from "./text.js";

const find = (id) => document.getElementById(id);
const LARGEST = 1024; // pixels a side of a photograph that is sent

let drawing = ""; // when the one on the paper was begun: its name in the history
let answer = null; // the last
let picture = ""; // what the last answer was about, as a data URL
let segment = false; // several digits are asked for
let unsaved = null; // what the history does not have yet

function save() {
  if (unsaved) remember(...unsaved);
  unsaved = null;
}

/* ---- asking ---- */

function question() {
  const canvas = pad.image();
  const image = pad.picture && !pad.picture.ink ? canvas.toDataURL("image/jpeg", 0.92) : canvas.toDataURL();
  return segment ? { image, segment } : { image, include: ["input"] };
}

const predictor = new Predictor(
  (fresh, { image }) => {
    answer = fresh;
    picture = fresh.input ?? image;
    showCommand();
    if (fresh.digits) {
      showDigits(fresh, pad.image());
      return;
    }
    showAnswer(fresh, pad.busy);
    unsaved = [drawing, picture, fresh];
    if (!pad.busy) save();
  },
  (trouble) => {
    if (pad.busy) return; // half a digit may be anything; the end of the stroke asks again
    answer = null;
    showTrouble(trouble);
  },
);

const pad = new Pad(find("pad"), find("cursor"), (event) => {
  if (event === "start" || event === "clear") save();
  if (event === "start") drawing = new Date().toISOString();
  segment = false;
  find("hint").hidden = !pad.empty;
  find("undo").disabled = find("clear").disabled = pad.empty;
  if (event !== "clear") {
    predictor.ask(question);
    return;
  }
  predictor.cancel();
  answer = null;
  showNothing();
});

/* ---- pictures ---- */

// At most LARGEST pixels a side, on white where it is transparent.
function flatten(source) {
  const scale = Math.min(1, LARGEST / Math.max(source.width, source.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function take(file) {
  if (!file) return;
  try {
    pad.show(flatten(await createImageBitmap(file)));
  } catch {
    pad.clear();
    showTrouble({ type: "#unreadable", detail: say("unreadable") });
  }
}

for (const input of [find("file"), find("shot")]) {
  input.onchange = () => {
    take(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  };
}
find("choose").onclick = () => find("file").click();
find("camera").onclick = () => openCamera((canvas) => pad.show(canvas), () => find("shot").click());

const paper = find("paper");
addEventListener("dragover", (event) => {
  event.preventDefault();
  paper.classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) paper.classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  paper.classList.remove("over");
  take(event.dataTransfer.files[0]);
});
addEventListener("paste", (event) => take([...event.clipboardData.files].find((file) => file.type.startsWith("image/"))));

/* ---- the first of each digit in MNIST's test set, side by side in one file of opacities ---- */

const digits = new Image();
digits.src = "web/digits.png";
for (let digit = 0; digit < 10; digit++) {
  const button = document.createElement("button");
  button.type = "button";
  button.innerHTML = "<i></i>";
  button.firstChild.style.maskPosition = `${(digit * 100) / 9}% 0`;
  button.onclick = () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 28;
    canvas.getContext("2d").drawImage(digits, -28 * digit, 0);
    pad.show(canvas, true);
  };
  find("samples").append(button);
}

/* ---- the command ---- */

function showCommand() {
  const image = picture || "data:image/png;base64,...";
  const credentials = key.value ? '  -H "Authorization: Bearer $KEY" \\\n' : "";
  find("curl").textContent = `curl ${new URL("predict", location)} \\\n${credentials}  -H 'Content-Type: application/json' \\\n  -d '{"image":"${image}"}'`;
}

find("copy").onclick = async () => {
  getSelection().selectAllChildren(find("curl")); // what is left where pages may not copy
  await navigator.clipboard?.writeText(find("curl").textContent);
  find("copy").textContent = say("copied");
  setTimeout(() => { find("copy").textContent = say("copy"); }, 1500);
};

/* ---- tools ---- */

find("undo").onclick = () => pad.undo();
find("clear").onclick = () => pad.clear();
find("width").oninput = () => { pad.width = find("width").value / 100; };
find("segment").onclick = () => {
  segment = true;
  predictor.ask(question);
};
find("unlock").onsubmit = (event) => {
  event.preventDefault();
  key.value = find("key").value;
  predictor.ask(question);
};
find("download").onclick = download;
find("forget").onclick = forget;
addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || pad.empty) return;
  event.preventDefault();
  pad.undo();
});

/* ---- language and theme ---- */

function keep(name, value) {
  try {
    localStorage.setItem(`digitd.${name}`, value);
  } catch { /* No storage: it lasts as long as the page. */ }
}

function kept(name) {
  try {
    return localStorage.getItem(`digitd.${name}`);
  } catch {
    return null;
  }
}

function setLanguage(name) {
  speak(name);
  find("language").textContent = say("other");
  find("language").lang = name === "en" ? "es" : "en";
  [...find("samples").children].forEach((button, digit) => { button.ariaLabel = say("sample", digit); });
  nameTheme();
  showHistory();
  if (answer?.digits) showDigits(answer, pad.image());
  else if (answer) showAnswer(answer);
}

find("language").onclick = () => {
  setLanguage(language() === "en" ? "es" : "en");
  keep("language", language());
};

const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme || (system.matches ? "dark" : "light")) === "dark";

function nameTheme() {
  find("theme").ariaLabel = find("theme").title = say(isDark() ? "light" : "dark");
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  keep("theme", name);
  nameTheme();
  pad.render();
}

find("theme").onclick = () => setTheme(isDark() ? "light" : "dark");
system.onchange = () => {
  nameTheme();
  pad.render();
};

setLanguage(kept("language") ?? (navigator.language.startsWith("es") ? "es" : "en"));
showCommand();
showNothing();
fetch("health").then((response) => response.json()).then(({ model }) => {
  if (model && !answer) showModel(model);
}).catch(() => { /* The first drawing will say it. */ });
