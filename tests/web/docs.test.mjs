// Swagger UI at /docs: every route can be tried on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESKTOP, PHONE, ifDocs, onPage, onServer } from "./setup.mjs";

// Opens an operation, executes it as it stands and closes it again. Gives the status and the body
// that are shown.
async function tryOut(page, operation) {
  const block = page.locator(`.opblock[id$="-${operation}"]`);
  await block.locator(".opblock-summary-control").click();
  await block.locator(".execute").click();
  const live = block.locator(".live-responses-table");
  await live.waitFor();
  const shown = {
    status: parseInt(await live.locator("tbody .response-col_status").first().innerText(), 10),
    body: await live.locator(".highlight-code, .microlight").first().innerText(),
  };
  await block.locator(".opblock-summary-control").click();
  return shown;
}

test("/predict is tried with the digit of its example", ifDocs, onPage("/docs", DESKTOP, async (page) => {
  await page.locator(".opblock").first().waitFor();
  const { status, body } = await tryOut(page, "predict");
  assert.equal(status, 200);
  assert.match(body, /"prediction": 7\b/);
}));

test("an example with several digits answers each of them", ifDocs, onPage("/docs", DESKTOP, async (page) => {
  const block = page.locator(`.opblock[id$="-predict"]`);
  await block.locator(".opblock-summary-control").click();
  await block.locator(".examples-select-element").first().selectOption("each digit");
  await block.locator(".execute").click();
  const shown = await block.locator(".live-responses-table .microlight").first().innerText();
  assert.match(shown, /"digits": \[/);
}));

test("every other operation, too", ifDocs, onServer(["--model-unload", "1"], "/docs", async (page, address) => {
  await page.locator(".opblock").first().waitFor();
  const { paths } = await (await fetch(`${address}/openapi.json`)).json();
  const operations = Object.values(paths).flatMap((path) => Object.values(path)).map((each) => each.operationId);
  assert.equal(await page.locator(".opblock").count(), operations.length);
  const last = "v2Unload"; // the model is gone after it
  const rest = operations.filter((each) => each !== "predict" && each !== last);
  for (const operation of [...rest, last])
    assert.equal((await tryOut(page, operation)).status, 200, operation);
}));

for (const [device, options] of [["desktop", DESKTOP], ["phone", PHONE]]) {
  test(`it fits on a ${device}`, ifDocs, onPage("/docs", options, async (page) => {
    await page.locator(".opblock").first().waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.click("a.brand");
    await page.locator("#pad").waitFor();
  }));
}
