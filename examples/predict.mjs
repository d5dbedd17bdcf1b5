// Which digit is on each picture? For Node 18 or later; fetch is the same in a browser.
//
// usage: predict.mjs SERVER FILE...        node predict.mjs http://127.0.0.1:8080 seven.png one.png
import { readFile } from 'node:fs/promises';

async function predict(server, file) {
  const response = await fetch(`${server}/predict`, {
    method: 'POST',
    headers: { 'Content-Type': 'image/png' },
    body: await readFile(file),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

const [server, ...files] = process.argv.slice(2);
try {
  for (const file of files) {
    const { prediction, confidence } = await predict(server, file);
    console.log(`${file}: ${prediction} (${(100 * confidence).toFixed(1)}%)`);
  }
} catch (error) {
  console.error(error.cause?.message ?? error.message);
  process.exitCode = 1;
}
