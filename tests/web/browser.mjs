// A digitd and a Chromium for the tests, and hands to draw with.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { SKELETONS, passed } from "./strokes.mjs";

const tools = createRequire(`${process.env.WEB_TOOLS}/`);
const { chromium } = tools("playwright-core");
export const AXE = readFileSync(tools.resolve("axe-core/axe.min.js"), "utf8");

const PATIENCE = 120_000; // ms: for machines that do much else

// What the browser is not to do by itself: there is no network but the loopback.
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET });

// Starts digitd on a free port; gives its address and `stop`.
export function serve(program, ...flags) {
  const server = spawn(program, ["--port", "0", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const stop = async () => {
    server.kill("SIGTERM");
    return ended;
  };
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`digitd does not serve; it says:\n${said}`)), PATIENCE);
    ended.then((status) => reject(new Error(`digitd ends with status ${status}; it says:\n${said}`)));
    server.stderr.on("data", (piece) => {
      said += piece;
      const at = /\bon (http:\/\/[0-9.]+:\d+)/.exec(said);
      if (!at) return;
      clearTimeout(late);
      resolve({ address: at[1], stop });
    });
  });
}

// A page that notes what it should not do: speak on the console, fail, or ask anyone else.
export async function open(browser, address, path = "/", options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const findings = [];
  page.on("console", (message) => findings.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => findings.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !/^(data|blob):/.test(url)) findings.push(`foreign request: ${url}`);
  });
  await page.goto(address + path);
  return { page, context, findings };
}

// Where the hundredths of a part of the drawing area are on the screen. The part: its left and upper
// edge, in hundredths, and its share of the whole.
async function paper(page, [left, top, share]) {
  const box = await page.locator("#pad").boundingBox();
  return ([x, y]) => [box.x + (box.width * (left + x * share)) / 100, box.y + (box.height * (top + y * share)) / 100];
}

const WHOLE = [0, 0, 1];

export async function drawByMouse(page, digit, part = WHOLE) {
  const place = await paper(page, part);
  for (const stroke of SKELETONS[digit]) {
    const [first, ...rest] = passed(stroke).map(place);
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const next of rest) await page.mouse.move(...next);
    await page.mouse.up();
  }
}

export async function drawByTouch(page, digit, part = WHOLE) {
  const place = await paper(page, part);
  const session = await page.context().newCDPSession(page);
  const touch = (type, at) => session.send("Input.dispatchTouchEvent",
    { type, touchPoints: at ? [{ x: at[0], y: at[1] }] : [] });
  for (const stroke of SKELETONS[digit]) {
    const [first, ...rest] = passed(stroke).map(place);
    await touch("touchStart", first);
    for (const next of rest) await touch("touchMove", next);
    await touch("touchEnd");
  }
  await session.detach();
}

// Waits until the page shows that digit as its result, and gives what it shows in the end.
export async function read(page, digit) {
  await page.waitForFunction((d) => document.getElementById("digit").textContent === d, String(digit), { timeout: PATIENCE })
    .catch(() => {});
  return page.locator("#digit").textContent();
}
