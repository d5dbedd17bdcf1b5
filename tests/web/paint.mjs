// How soon the pages are there, in a browser that has none of them yet: paint.mjs ADDRESS TIMES
// Prints a line of JSON: for each page the milliseconds to the first paint and until it can be used.

import { launch, open } from "./browser.mjs";
import { DESKTOP } from "./devices.mjs";

const [address, times] = process.argv.slice(2);
const PAGES = { "/": "#samples button", "/docs": ".opblock" }; // what is there when a page can be used

const browser = await launch();

async function visit(path) {
  const { page, context, findings } = await open(browser, address, path, DESKTOP);
  await page.locator(PAGES[path]).first().waitFor();
  const usable = await page.evaluate(() => performance.now());
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  await context.close();
  if (findings.length > 0) throw new Error(findings.join("\n"));
  return { paint, usable };
}

await visit("/"); // the browser's own start
const found = {};
for (const path of Object.keys(PAGES)) {
  found[path] = [];
  for (let i = 0; i < Number(times); i++) found[path].push(await visit(path));
}
console.log(JSON.stringify(found));
await browser.close();
