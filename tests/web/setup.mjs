// One server and one browser for the tests of a file, a fresh page for each test.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch, open, serve } from "./browser.mjs";

export { DESKTOP, PHONE } from "./devices.mjs";

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
export const onPage = (path, options, steps) => async () => {
  const { page, context, findings } = await open(browser, server.address, path, options);
  try {
    await steps(page, server.address);
    assert.deepEqual(findings, []);
  } finally {
    await context.close();
  }
};
