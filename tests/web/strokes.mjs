// Skeletons of the ten digits: strokes as corner points, in hundredths of the drawing area.
export const SKELETONS = [
  [[[52, 20], [38, 26], [32, 42], [32, 58], [38, 74], [50, 80], [62, 74], [68, 58], [68, 42], [62, 26], [52, 20]]],
  [[[42, 30], [54, 20], [54, 80]]],
  [[[34, 34], [40, 23], [54, 20], [64, 28], [63, 40], [52, 56], [33, 78], [68, 78]]],
  [[[35, 25], [50, 20], [63, 27], [62, 40], [47, 48], [62, 54], [66, 66], [56, 79], [42, 80], [33, 73]]],
  [[[40, 20], [32, 52], [66, 52]], [[60, 24], [58, 82]]],
  [[[65, 21], [40, 21], [37, 46], [52, 43], [65, 52], [65, 67], [54, 79], [40, 79], [33, 73]]],
  [[[58, 19], [44, 32], [36, 52], [36, 68], [46, 79], [60, 76], [65, 64], [58, 53], [46, 54], [37, 64]]],
  [[[32, 23], [67, 22], [56, 48], [46, 81]]],
  [[[62, 30], [52, 21], [40, 26], [39, 38], [50, 48], [62, 59], [63, 72], [51, 80], [39, 74], [39, 61], [51, 48], [61, 38], [62, 30]]],
  [[[63, 30], [52, 21], [39, 28], [39, 43], [50, 49], [61, 42], [63, 30], [62, 56], [55, 80]]],
];

// A Catmull-Rom spline at `t` of the way from b to c, one coordinate.
const between = (a, b, c, d, t) =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

// The places that a hand passes on its way through the corners.
export function passed(stroke, step = 3) {
  const places = [stroke[0]];
  for (let i = 1; i < stroke.length; i++) {
    const [b, c] = [stroke[i - 1], stroke[i]];
    const [a, d] = [stroke[i - 2] ?? b, stroke[i + 1] ?? c];
    const count = Math.ceil(Math.hypot(c[0] - b[0], c[1] - b[1]) / step);
    for (let k = 1; k <= count; k++)
      places.push([0, 1].map((axis) => between(a[axis], b[axis], c[axis], d[axis], k / count)));
  }
  return places;
}
