"""A hand with a pen: a skeleton becomes a drawing, never twice the same, always the same for a seed."""

import math

import numpy as np
from PIL import Image, ImageDraw

STEP = 0.012  # between two points of a path, in heights of the drawing


def parse(skeleton):
    """The strokes, each as its smooth pieces, as arrays of points in heights of the field."""
    for stroke in skeleton.split("|"):
        pieces, piece = [], []
        for word in stroke.split():
            x, y = word.rstrip("!").split(",")
            piece.append((float(x) / 100, float(y) / 100))
            if word.endswith("!") and len(piece) > 1:
                pieces.append(np.array(piece))
                piece = piece[-1:]
        yield pieces + ([np.array(piece)] if len(piece) > 1 else [])


def spline(points):
    """The centripetal Catmull-Rom curve through the points, which has no cusps within a segment."""
    if len(points) == 2:
        return np.linspace(points[0], points[1], 24)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    gaps = np.sqrt(np.linalg.norm(np.diff(padded, axis=0), axis=1)).clip(1e-3)
    t = np.concatenate([[0], np.cumsum(gaps)])
    curve = []
    for i in range(1, len(padded) - 2):
        at = np.linspace(t[i], t[i + 1], 16, endpoint=i == len(padded) - 3)[:, None]
        p, k = padded[i - 1:i + 3], t[i - 1:i + 3]
        a = [(k[j + 1] - at) / (k[j + 1] - k[j]) * p[j] + (at - k[j]) / (k[j + 1] - k[j]) * p[j + 1]
             for j in range(3)]
        b = [(k[j + 2] - at) / (k[j + 2] - k[j]) * a[j] + (at - k[j]) / (k[j + 2] - k[j]) * a[j + 1]
             for j in range(2)]
        curve.append((k[2] - at) / (k[2] - k[1]) * b[0] + (at - k[1]) / (k[2] - k[1]) * b[1])
    return np.vstack(curve)


def evenly(path):
    """The same path with points STEP apart."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0, lengths[-1], max(2, round(lengths[-1] / STEP)))
    return np.stack([np.interp(at, lengths, path[:, i]) for i in (0, 1)], axis=1)


def wave(rng, strength):
    """A smooth displacement of the plane: the same for all that passes through one point."""
    ways = rng.normal(0, 4, (3, 2))
    phases = rng.uniform(0, 2 * math.pi, 3)
    pushes = rng.normal(0, strength, (3, 2))
    return lambda points: points + np.sin(points @ ways.T + phases) @ pushes


def lean(rng, amount):
    """A slant, a turn and another width: people's hands differ."""
    angle, slant = rng.normal(0, 0.08 * amount), rng.normal(0.1, 0.14 * amount)
    width = math.exp(rng.normal(-0.1, 0.18 * amount))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return turn @ np.array([[width, -slant], [0, 1]])


def trim(rng, path):
    """Ends come short or long."""
    first, last = (int(max(0, rng.normal(0, 0.02)) * len(path)) for _ in range(2))
    return path[first:len(path) - last]


def shake(rng, path, tremor):
    """A hand that trembles: quick and small, along the whole path."""
    if tremor == 0 or len(path) < 8:
        return path
    noise = rng.normal(0, tremor, (len(path) // 4 + 2, 2))
    at, knots = np.arange(len(path)), np.arange(len(noise)) * 4
    return path + np.stack([np.interp(at, knots, noise[:, i]) for i in (0, 1)], axis=1)


def hurried(rng, path, share):
    """Some devices tell of a quick hand now and then only: what they draw has corners."""
    if rng.random() > share or len(path) < 30:
        return path
    every = int(rng.integers(6, 15))
    return np.vstack([path[:-1:every], path[-1:]])


def trace(rng, skeleton, amount=1.0):
    """The strokes of one drawing of the skeleton; its box is one high and begins at 0, 0."""
    bend, matrix = wave(rng, 0.018 * amount), lean(rng, amount)
    tremor = 0.006 * amount * (rng.random() < 0.3)
    strokes = []
    for pieces in parse(skeleton):
        shift = rng.normal(0, 0.012 * amount, 2)
        last, path = None, []
        for piece in pieces:
            moved = piece + shift + rng.normal(0, 0.014 * amount, piece.shape)
            if last is not None:
                moved[0] = last  # pieces meet in the corner
            last = moved[-1]
            path.append(spline(moved))
        path = evenly(bend(np.vstack(path)) @ matrix.T)
        strokes.append(hurried(rng, shake(rng, trim(rng, path), tremor), 0.2 * amount))
    return unit(strokes)


def unit(strokes):
    """Scaled and moved so that their box begins at 0, 0 and its longer side, or nearly, is 1."""
    every = np.vstack(strokes)
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    return [(stroke - low) / max(size[1], size[0] * 0.8) for stroke in strokes]


def pressure(rng, strokes, change):
    """For each stroke the width of the pen along it, around 1: quick parts are thinner."""
    for stroke in strokes:
        at = np.linspace(0, 1, len(stroke))
        waves = np.sin(at * rng.uniform(2, 7) + rng.uniform(0, 6.3))
        yield np.maximum(1 + change * waves, 0.3)


def draw_ink(strokes, widths, size, smooth):
    """The strokes (in pixels) as ink, 0..255, on a canvas of `size` (width, height). Not smooth: every
    pixel has all of it or none."""
    every, reach = np.vstack(strokes), max(w.max() for w in widths) / 2 + 2
    low = np.floor(every.min(axis=0) - reach).astype(int)
    high = np.ceil(every.max(axis=0) + reach).astype(int)
    fine = 1 if not smooth else 4 if max(high - low) <= 400 else 2
    box = Image.new("L", tuple(map(int, (high - low) * fine)))
    pen = ImageDraw.Draw(box)
    for stroke, width in zip(strokes, widths):
        draw_stroke(pen, (stroke - low) * fine, width * fine)
    canvas = Image.new("L", size)
    canvas.paste(box.reduce(fine) if fine > 1 else box, tuple(map(int, low)))
    return canvas


def draw_stroke(pen, points, widths):
    flat = [tuple(point) for point in points.tolist()]
    for (x, y), width in zip(flat, widths):
        if width >= 2:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    for start, end, width in zip(flat, flat[1:], widths):
        pen.line((start, end), fill=255, width=max(1, round(width)))
