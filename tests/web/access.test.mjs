// Nothing that axe-core can find stands in anybody's way: WCAG 2.2, A and AA.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AXE, drawByMouse, read } from "./browser.mjs";
import { DESKTOP, PHONE, ifDocs, onPage } from "./setup.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// `more` are rules beyond: axe's best practices, for pages that are all our own.
async function check(page, ...more) {
  // The policy lets no script be added to the page, but does not ask the debugger.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async (values) => {
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values } });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.any[0]?.message ?? ""}`));
  }, [...RULES, ...more]);
  assert.deepEqual(found, []);
}

for (const [device, options] of [["desktop", DESKTOP], ["phone", PHONE]]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const locale of ["en-GB", "es-ES"]) {
      test(`the page, ${device}, ${colorScheme}, ${locale}`, onPage("/", { ...options, colorScheme, locale, reducedMotion: "reduce" }, async (page) => {
        await check(page, "best-practice");
        await drawByMouse(page, 5);
        await read(page, 5);
        await page.click('[data-mark="right"]');
        await check(page, "best-practice");
      }));
    }
  }
}


for (const colorScheme of ["light", "dark"]) {
  test(`Swagger UI, ${colorScheme}`, ifDocs, onPage("/docs", { ...DESKTOP, colorScheme }, async (page) => {
    const operation = page.locator('.opblock[id$="-predict"]');
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(".execute").click();
    await operation.locator(".live-responses-table").waitFor();
    await check(page);
  }));
}
