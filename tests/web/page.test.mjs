// The page: drawing, pictures, keyboard, history.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { drawByMouse, drawByTouch, read } from "./browser.mjs";
import { DESKTOP, PHONE, onPage, onServer } from "./setup.mjs";

const PICTURES = new URL("../pictures/", import.meta.url);
const picture = (name) => readFileSync(new URL(name, PICTURES)).toString("base64");

// Gives the page a file in the way that `event` names.
const give = (page, event, name) => page.evaluate(([type, base64, file]) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], file, { type: `image/${file.split(".")[1]}` }));
  const made = type === "paste" ? new ClipboardEvent(type, { clipboardData: transfer, bubbles: true })
    : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.getElementById("paper").dispatchEvent(made);
}, [event, picture(name), name]);

const expectDigit = async (page, digit) => assert.equal(await read(page, digit), String(digit));

async function drawAll(page, draw) {
  const wrong = [];
  for (let digit = 0; digit < 10; digit++) {
    await draw(page, digit);
    const found = await read(page, digit);
    if (found !== String(digit)) wrong.push(`${digit} as ${found}`);
    await page.click("#clear");
  }
  assert.deepEqual(wrong, []);
}

test("ten digits drawn with the mouse", onPage("/", DESKTOP, async (page) => {
  await drawAll(page, drawByMouse);
  assert.equal(await page.locator("#entries li").count(), 10);
}));

test("ten digits drawn with a finger, and the page stays where it is", onPage("/", PHONE, async (page) => {
  await drawAll(page, drawByTouch);
  assert.equal(await page.evaluate(() => scrollY), 0);
}));

test("a pen presses", onPage("/", DESKTOP, async (page) => {
  const inked = await page.evaluate(async () => {
    const { Pad } = await import("./web/pad.js");
    const ink = (pressure) => {
      const canvas = document.createElement("canvas");
      canvas.setPointerCapture = () => {};
      canvas.getBoundingClientRect = () => ({ left: 0, top: 0, width: 100, height: 100 });
      const pad = new Pad(canvas, document.createElement("span"), () => {});
      for (const [type, x] of [["pointerdown", 20], ["pointermove", 50], ["pointermove", 80], ["pointerup", 80]])
        canvas.dispatchEvent(new PointerEvent(type, { pointerType: "pen", isPrimary: true, clientX: x, clientY: 50, pressure }));
      const drawn = pad.image();
      const { data } = drawn.getContext("2d").getImageData(0, 0, drawn.width, drawn.height);
      return data.reduce((sum, value, i) => sum + (i % 4 === 0 ? value : 0), 0);
    };
    return [ink(0.2), ink(0.9)];
  });
  assert.ok(inked[1] > 1.5 * inked[0], `${inked}`);
}));

test("bars, latency and model are those of the answer", onPage("/", DESKTOP, async (page, address) => {
  await drawByMouse(page, 7);
  await expectDigit(page, 7);
  const { model } = await (await fetch(`${address}/health`)).json();
  assert.equal(await page.textContent("#model"), `${model.name} ${model.version}`);
  assert.match(await page.textContent("#latency"), /^[0-9.,]+ ms$/);
  assert.equal(await page.locator("#bars li").count(), 10);
  assert.equal(await page.textContent("#bars .best b"), "7");
  await page.locator("#live", { hasText: "7" }).waitFor({ state: "attached" });
}));

test("what the network sees is shown", onPage("/", DESKTOP, async (page) => {
  await drawByMouse(page, 3);
  await expectDigit(page, 3);
  await page.locator("#seen:not([hidden])").waitFor();
  assert.deepEqual(await page.evaluate(() => [seen.naturalWidth, seen.naturalHeight]), [28, 28]);
}));

test("several digits are read one by one", onPage("/", DESKTOP, async (page) => {
  await page.evaluate(() => document.getElementById("width").stepDown(4));
  await page.locator("#width").dispatchEvent("input");
  await drawByMouse(page, 3, [4, 25, 0.45]);
  await drawByMouse(page, 7, [52, 25, 0.45]);
  await page.click("#segment");
  assert.equal(await read(page, "3 7"), "3 7");
  assert.equal(await page.locator("#boxes span").count(), 2);
  const [three, seven] = await page.locator("#boxes span").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().left));
  assert.ok(three < seven);
  await page.click("#clear");
  assert.equal(await page.locator("#boxes span").count(), 0);
}));

test("undo takes strokes back, clear takes all", onPage("/", DESKTOP, async (page) => {
  await drawByMouse(page, 4);
  await expectDigit(page, 4);
  await page.click("#undo");
  assert.equal(await page.isDisabled("#clear"), false);
  await page.keyboard.press("Control+z");
  assert.equal(await page.isDisabled("#undo"), true);
  await expectDigit(page, "?");
  await drawByMouse(page, 1);
  await expectDigit(page, 1);
  await page.click("#clear");
  await expectDigit(page, "?");
  assert.equal(await page.isVisible("#hint"), true);
}));

test("pictures are dropped, pasted and chosen", onPage("/", DESKTOP, async (page) => {
  await give(page, "drop", "two.png");
  await expectDigit(page, 2);
  await give(page, "paste", "seven.jpg");
  await expectDigit(page, 7);
  await page.setInputFiles("#file", new URL("one.png", PICTURES).pathname);
  await expectDigit(page, 1);
  await give(page, "drop", "text.txt");
  await page.locator("#trouble", { hasText: "no picture" }).waitFor();
}));

test("a picture from the camera", onPage("/", { ...DESKTOP, permissions: ["camera"] }, async (page) => {
  await page.click("#camera");
  await page.waitForFunction(() => document.getElementById("video").videoWidth > 0);
  const asked = page.waitForRequest("**/predict");
  await page.click("#take");
  assert.match((await asked).postDataJSON().image, /^data:image\/jpeg;base64,/);
  assert.equal(await page.isVisible("#viewfinder"), false);
  assert.equal(await page.evaluate(() => document.getElementById("video").srcObject), null);
}));

test("by keyboard alone: draw, mark, download", onPage("/", DESKTOP, async (page) => {
  const reach = async (selector) => {
    for (let i = 0; i < 60; i++) {
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab does not reach ${selector}`);
  };
  const press = async (key, times) => {
    for (let i = 0; i < times; i++) await page.keyboard.press(key);
  };
  await reach("#pad");
  await press("ArrowUp", 8);
  await press("Space", 1);
  await press("ArrowDown", 16);
  await press("Space", 1);
  await expectDigit(page, 1);
  await reach('[data-mark="right"]');
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute('[data-mark="right"]', "aria-pressed"), "true");
  assert.equal(await page.textContent("#score"), "1 of 1 right");
  await page.evaluate(() => document.getElementById("pad").focus());
  await page.keyboard.press("Delete");
  await expectDigit(page, "?");
  await reach("#samples button:nth-child(5)");
  await page.keyboard.press("Enter");
  await expectDigit(page, 4);
  await reach("#download");
  const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  const entries = JSON.parse(readFileSync(await file.path()));
  assert.deepEqual(entries.map(({ prediction, mark }) => [prediction, mark ?? null]), [[4, null], [1, "right"]]);
  assert.equal(entries[0].probabilities.length, 10);
  await page.reload();
  assert.equal(await page.locator("#entries li").count(), 2);
}));

test("all ten samples are read", onPage("/", DESKTOP, async (page) => {
  for (let digit = 0; digit < 10; digit++) {
    await page.click(`#samples button:nth-child(${digit + 1})`);
    await expectDigit(page, digit);
  }
}));

test("the command does what the page did", onPage("/", DESKTOP, async (page) => {
  await page.click("#samples button:nth-child(10)");
  await expectDigit(page, 9);
  const command = await page.textContent("#curl");
  const answer = JSON.parse(execFileSync("sh", ["-c", command], { stdio: ["ignore", "pipe", "ignore"] }));
  assert.equal(answer.prediction, 9);
}));

const keys = join(mkdtempSync(join(tmpdir(), "digitd-keys-")), "keys");
writeFileSync(keys, "page a-key-for-the-page\n");
after(() => rmSync(dirname(keys), { recursive: true }));

test("a server that asks for a key", onServer(["--api-key-file", keys], "/", async (page) => {
  await page.click("#samples button:nth-child(4)");
  await page.fill("#key", "a-key-that-is-wrong");
  await Promise.all([page.waitForResponse((response) => response.status() === 401), page.keyboard.press("Enter")]);
  await page.fill("#key", "a-key-for-the-page");
  await page.keyboard.press("Enter");
  await expectDigit(page, 3);
  assert.equal(await page.isVisible("#note"), false);
}));

test("Spanish and dark, and both are kept", onPage("/", { ...DESKTOP, locale: "es-ES" }, async (page) => {
  assert.equal(await page.textContent("h1"), "Dibuja un dígito");
  await page.click("#language");
  assert.equal(await page.textContent("h1"), "Draw a digit");
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await colour();
  await page.click("#theme");
  const dark = await colour();
  assert.notEqual(light, dark);
  await page.reload();
  assert.equal(await page.textContent("h1"), "Draw a digit");
  assert.equal(await colour(), dark);
}));
