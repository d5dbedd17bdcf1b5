"""What is no digit, and should not come back as a sure one.

Each maker gives the i-th file of its kind, no label, and what it is.
"""

import numpy as np
from PIL import Image

import digits
import fonts
import pictures
import strokes
from skeletons import LETTERS, SYMBOLS

PLAIN = digits.Drawing(amount=0.8)


def drawn(table):
    """From skeletons of its own."""
    names = list(table)

    def one(rng, i):
        name = names[i % len(names)]
        return digits.draw(rng, table[name], PLAIN), None, name

    return one


def scribble(rng, i):
    """A pen that goes to and fro."""
    turns = int(rng.integers(9, 30))
    points = rng.uniform(0, 100, (turns, 2)) * (1, rng.uniform(0.4, 1))
    corner = "!" if i % 3 == 0 else ""
    path = " ".join(f"{x:.0f},{y:.0f}{corner}" for x, y in points)
    return digits.draw(rng, path, PLAIN), None, "scribble"


def dots(rng, i):
    """Taps with a finger, or short dashes, here and there."""
    places = rng.uniform(0, 100, (int(rng.integers(4, 12)), 2))
    lengths = rng.uniform(1, 10 if i % 2 else 3, (len(places), 2))
    path = " | ".join(f"{x:.0f},{y:.0f} {x + dx:.0f},{y + dy:.0f}"
                      for (x, y), (dx, dy) in zip(places, lengths))
    return digits.draw(rng, path, PLAIN), None, "dots"


def smooth_noise(rng, side, slope):
    """Grey noise whose strength falls with frequency as a photograph's does (slope 1) or faster."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1
    spectrum = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
    field = np.fft.irfft2(spectrum / frequency ** slope, (side, side))
    return (field - field.mean()) / field.std()


def texture(rng, _):
    """A scene without a subject: large soft shapes, edges, grain, in colour."""
    side = int(rng.choice((64, 128, 256)))
    base = smooth_noise(rng, side, rng.uniform(1, 2))
    if rng.random() < 0.5:
        base = np.where(smooth_noise(rng, side, 2) > 0, base, base * 0.4 - rng.uniform(0, 2))
    tones = rng.uniform(20, 60, 3) * base[..., None] + rng.uniform(70, 180, 3)
    tones += rng.normal(0, 4, tones.shape)
    image = Image.fromarray(tones.clip(0, 255).astype(np.uint8))
    return pictures.jpeg(50, 90)(image, rng), None, "texture"


def noise(rng, i):
    side = int(rng.choice((28, 28, 64, 128)))
    if i % 2:
        pixels = rng.integers(0, 256, (side, side), np.uint8)
    else:
        pixels = (rng.random((side, side)) < rng.uniform(0.05, 0.5)) * np.uint8(255)
    return pictures.png(Image.fromarray(pixels)), None, "noise"


def pair(rng, _):
    """Two digits side by side, apart or touching."""
    kinds = [digits.ALL[k] for k in rng.integers(len(digits.ALL), size=2)]
    first, second = (strokes.trace(rng, text) for _, _, text in kinds)
    gap = np.vstack(first)[:, 0].max() + rng.uniform(0.1, 0.4)
    paths = [*first, *(path + (gap, 0) for path in second)]
    height = rng.uniform(60, 130)
    pen = height * rng.uniform(0.04, 0.12)
    paths = [path * height + (20, rng.uniform(20, 60)) for path in paths]
    size = (np.vstack(paths).max(axis=0) + rng.uniform(15, 60, 2) + pen).astype(int)
    widths = [pen * share for share in strokes.pressure(rng, paths, 0.1)]
    ink = strokes.draw_ink(paths, widths, tuple(map(int, size)), True)
    paint = PLAIN.paints[rng.integers(len(PLAIN.paints))]
    return pictures.png(paint(rng, ink)), None, f"{kinds[0][0]} and {kinds[1][0]}"


MAKERS = {
    "letters, drawn": drawn(LETTERS),
    "letters, printed": fonts.letter,
    "symbols": drawn(SYMBOLS),
    "scribbles": scribble,
    "dots and dashes": dots,
    "two digits": pair,
    "textures": texture,
    "noise": noise,
}
