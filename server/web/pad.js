// The drawing area: strokes, or a picture, and what the server is to see of either.

const STEP = 1 / 28; // of the keyboard's pen
const SENT = 280; // pixels a side of what is sent

const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

// A mouse has no pressure and a finger a made-up one; only a pen's says something.
const pressure = (event) => (event.pointerType === "pen" ? 0.4 + 1.2 * event.pressure : 1);

// Draws a stroke from its point `from` on: quadratic curves through the middles between points.
function trace(context, { points, width }, size, from = 0) {
  context.lineCap = context.lineJoin = "round";
  for (let i = from; i < points.length; i++) {
    const [a, b, c] = [points[i - 2] ?? points[i - 1], points[i - 1], points[i]];
    context.lineWidth = width * c.pressure * size;
    context.beginPath();
    if (b) {
      const start = i === 1 ? b : middle(a, b), end = middle(b, c);
      context.moveTo(start.x * size, start.y * size);
      context.quadraticCurveTo(b.x * size, b.y * size, end.x * size, end.y * size);
    } else {
      context.moveTo(c.x * size, c.y * size);
    }
    context.lineTo(c.x * size + 0.01, c.y * size); // a line of no length would leave no ink
    context.stroke();
  }
}

// Fits a picture into a square without changing its shape.
function fit(context, source, size) {
  const scale = size / Math.max(source.width, source.height);
  const [w, h] = [source.width * scale, source.height * scale];
  context.drawImage(source, (size - w) / 2, (size - h) / 2, w, h);
}

function square(size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  return canvas.getContext("2d");
}

export class Pad {
  strokes = [];
  picture = null; // {source, ink}: ink is a drawing of opacities, anything else a photograph
  width = 0.07; // of the pen, in sides
  #canvas;
  #context;
  #cursor;
  #changed;
  #pen = { x: 0.5, y: 0.5, held: new Set() };
  #stroke = null; // the one being drawn

  // Calls `changed(event)` with "start" (of a new drawing), "ink", "end" (of a stroke), "edit" or "clear".
  constructor(canvas, cursor, changed) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#cursor = cursor;
    this.#changed = changed;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"])
      canvas.addEventListener(name, (event) => this.#up(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("keyup", (event) => this.#pen.held.delete(event.key));
    canvas.addEventListener("blur", () => this.#lift());
    // Where touch-action is not known, the page must not scroll under the finger all the same.
    canvas.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
  }

  get busy() { return this.#stroke !== null; } // a stroke is being drawn
  get empty() { return this.strokes.length === 0 && this.picture === null; }

  show(source, ink = false) {
    this.#stroke = null;
    this.strokes = [];
    this.picture = { source, ink };
    this.render();
    this.#changed("start");
    this.#changed("edit");
  }

  undo() {
    if (!this.strokes.pop()) this.picture = null;
    this.#stroke = null;
    this.render();
    this.#changed(this.empty ? "clear" : "edit");
  }

  clear() {
    this.#stroke = null;
    this.strokes = [];
    this.picture = null;
    this.render();
    this.#changed("clear");
  }

  // What is sent: white on black as MNIST has it, or the photograph as it is. A canvas.
  image() {
    const photograph = this.picture && !this.picture.ink;
    if (photograph) return this.picture.source;
    const size = this.picture ? this.picture.source.width : SENT;
    const context = square(size);
    this.#ink(context, size, "#fff");
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, size, size);
    return context.canvas;
  }

  render() {
    const size = this.#canvas.width;
    this.#context.clearRect(0, 0, size, size);
    if (this.picture && !this.picture.ink) fit(this.#context, this.picture.source, size);
    else this.#ink(this.#context, size, getComputedStyle(this.#canvas).color);
  }

  #ink(context, size, color) {
    context.strokeStyle = color;
    for (const stroke of this.strokes) trace(context, stroke, size);
    if (!this.picture) return;
    fit(context, this.picture.source, size);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = color;
    context.fillRect(0, 0, size, size);
    context.globalCompositeOperation = "source-over";
  }

  #resize() {
    const size = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (size === 0 || size === this.#canvas.width) return;
    this.#canvas.width = this.#canvas.height = size;
    this.render();
  }

  #begin(x, y, force) {
    const fresh = this.empty || this.picture !== null;
    if (this.picture) {
      this.picture = null;
      this.render();
    }
    this.#stroke = { points: [], width: this.width };
    this.strokes.push(this.#stroke);
    if (fresh) this.#changed("start");
    this.#add(x, y, force);
  }

  #add(x, y, force) {
    const { points } = this.#stroke;
    points.push({ x, y, pressure: force });
    this.#context.strokeStyle = getComputedStyle(this.#canvas).color;
    trace(this.#context, this.#stroke, this.#canvas.width, points.length - 1);
    this.#changed("ink");
  }

  #end() {
    this.#stroke = null;
    this.#changed("end");
  }

  #place(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, pressure(event)];
  }

  #down(event) {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    this.#lift();
    this.#cursor.hidden = true;
    this.#canvas.focus({ preventScroll: true });
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen.pointer = event.pointerId;
    this.#begin(...this.#place(event));
  }

  #move(event) {
    if (!this.#stroke || event.pointerId !== this.#pen.pointer) return;
    // All places since the last frame, not only where the pointer is now.
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event]) this.#add(...this.#place(each));
  }

  #up(event) {
    if (!this.#stroke || event.pointerId !== this.#pen.pointer) return;
    this.#pen.pointer = undefined;
    this.#end();
  }

  #lift() {
    this.#pen.held.clear();
    this.#cursor.hidden = true;
    if (this.#stroke && this.#pen.pointer === undefined) this.#end();
  }

  #key(event) {
    const { key } = event;
    if (key.startsWith("Arrow")) this.#steer(event);
    else if (key === " " || key === "Enter") this.#toggle(event.repeat);
    else if (key === "Delete" || key === "Backspace") this.clear();
    else return;
    event.preventDefault();
  }

  #steer({ key, shiftKey }) {
    const { held } = this.#pen;
    held.add(key);
    const step = shiftKey ? 3 * STEP : STEP;
    const along = (less, more) => (held.has(more) - held.has(less)) * step;
    const clamp = (value) => Math.min(1, Math.max(0, value));
    this.#pen.x = clamp(this.#pen.x + along("ArrowLeft", "ArrowRight"));
    this.#pen.y = clamp(this.#pen.y + along("ArrowUp", "ArrowDown"));
    if (this.#stroke) this.#add(this.#pen.x, this.#pen.y, 1);
    this.#point();
  }

  #toggle(repeated) {
    if (repeated) return;
    if (this.#stroke) this.#end();
    else this.#begin(this.#pen.x, this.#pen.y, 1);
    this.#point();
  }

  #point() {
    this.#cursor.hidden = false;
    this.#cursor.style.left = `${this.#pen.x * 100}%`;
    this.#cursor.style.top = `${this.#pen.y * 100}%`;
    this.#cursor.dataset.down = this.#stroke !== null;
  }
}
