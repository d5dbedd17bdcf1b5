// Pictures of the page, for README.md: screenshots.mjs DIGITD MODEL FOLDER

import { join } from "node:path";
import { drawByMouse, drawByTouch, launch, open, read, serve } from "./browser.mjs";
import { DESKTOP, PHONE } from "./devices.mjs";

const [program, model, folder] = process.argv.slice(2);
const server = await serve(program, "--model", model);
const browser = await launch();

async function page(name, options, draw, digit) {
  const { page, context } = await open(browser, server.address, "/", { ...options, reducedMotion: "reduce" });
  await draw(page, digit);
  if (await read(page, digit) !== String(digit)) throw new Error(`${name}: ${digit} is not read`);
  await page.waitForLoadState("networkidle"); // the answer to the last stroke, too
  await page.evaluate(() => document.activeElement.blur());
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}

await page("desktop", DESKTOP, drawByMouse, 3);
await page("dark", { ...DESKTOP, colorScheme: "dark" }, drawByMouse, 9);
await page("phone", PHONE, drawByTouch, 4);
await browser.close();
await server.stop();
