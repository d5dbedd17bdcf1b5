// Asks the server. While one draws there is always something newer to ask: at most one request is on
// its way, the newest question waits, and a request that takes long is given up for it.

const PAUSE = 40; // ms between two requests
const PATIENCE = 400; // ms until a newer question ends an older request

// The API key, where the server asks for one: kept until the tab is closed.
export const key = {
  get value() { return sessionStorage.getItem("digitd.key"); },
  set value(text) { sessionStorage.setItem("digitd.key", text); },
};

export class Predictor {
  #answered;
  #failed;
  #waiting = null; // the newest question
  #request = null; // the AbortController of what is on its way
  #sent = -Infinity;
  #timer = 0;

  constructor(answered, failed) {
    this.#answered = answered;
    this.#failed = failed;
  }

  // `make()` gives the body when it is sent, so that it is of the newest drawing.
  ask(make) {
    this.#waiting = make;
    clearTimeout(this.#timer);
    const wait = this.#sent + (this.#request ? PATIENCE : PAUSE) - performance.now();
    this.#timer = setTimeout(() => this.#send(), Math.max(0, wait));
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#waiting = null;
    this.#request?.abort();
    this.#request = null;
  }

  async #send() {
    const body = this.#waiting();
    const request = new AbortController();
    this.#waiting = null;
    this.#request?.abort();
    this.#request = request;
    this.#sent = performance.now();
    try {
      const answer = await post(body, request.signal);
      if (this.#request === request) this.#answered(answer, body);
    } catch (trouble) {
      if (this.#request === request) this.#failed(trouble);
    }
    if (this.#request !== request) return;
    this.#request = null;
    if (this.#waiting) this.ask(this.#waiting);
  }
}

// Gives the answer and how long it took; throws the problem (RFC 9457), or what fetch throws.
async function post(body, signal) {
  const start = performance.now();
  const response = await fetch("predict", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key.value && { Authorization: `Bearer ${key.value}` }) },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.json();
  if (!response.ok) throw answer;
  return { ...answer, milliseconds: performance.now() - start };
}
