// One server and one browser for the tests of a file, a fresh page for each test.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch, open, serve } from "./browser.mjs";
import { DESKTOP } from "./devices.mjs";

export { DESKTOP, PHONE } from "./devices.mjs";

// The browser, not the page, says it when an answer is an error; the page shows that to the person.
const REFUSED = /^console: Failed to load resource: the server responded with a status of (401|422) /;

// A build that could not fetch Swagger UI has none to test.
export const ifDocs = { skip: process.env.WITHOUT_DOCS && "Swagger UI is not in this build" };

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([serve(process.env.DIGITD, "--model", process.env.MODEL), launch()]);
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, "digitd ends with status 0");
});

// onPage(path, options, steps): gives `steps` a page that must stay silent and at home.
export const onPage = (path, options, steps) => () => visit(server.address, path, options, steps);

// The same on a server of the test's own, with more flags.
export const onServer = (flags, path, steps) => async () => {
  const other = await serve(process.env.DIGITD, "--model", process.env.MODEL, ...flags);
  try {
    await visit(other.address, path, DESKTOP, steps);
  } finally {
    await other.stop();
  }
};

async function visit(address, path, options, steps) {
  const { page, context, findings } = await open(browser, address, path, options);
  try {
    await steps(page, address);
    assert.deepEqual(findings.filter((each) => !REFUSED.test(each)), []);
  } finally {
    await context.close();
  }
}
