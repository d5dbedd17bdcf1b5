"""Photographs of paper, near enough: uneven light, a shadow, grain, a lens, lines, and then JPEG."""

import numpy as np
from PIL import Image, ImageFilter

import pictures
import strokes
from digits import ALL

INKS = ((20, 25, 60), (30, 30, 34), (25, 45, 130), (70, 70, 76), (110, 30, 40))
LINES = (150, 175, 205)
GRAIN = np.random.default_rng(0).standard_normal((1024, 1024), np.float32)  # each picture has a part of it
LIGHTS = 48  # light changes slowly: it is computed for so many places each way


def light(rng, size):
    """The share of light that each pixel gets: from one side, less at the corners, perhaps a shadow."""
    y, x = np.mgrid[-1:1:LIGHTS * 1j, -1:1:LIGHTS * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    share = 0.8 + rng.uniform(0.05, 0.2) * (np.cos(angle) * x + np.sin(angle) * y) - 0.06 * (x * x + y * y)
    if rng.random() < 0.4:
        edge = np.cos(angle + 1) * x + np.sin(angle + 1) * y - rng.uniform(-0.5, 0.8)
        share *= 1 - rng.uniform(0.1, 0.3) / (1 + np.exp(-edge * rng.uniform(8, 30)))
    share *= rng.uniform(0.75, 1.05)
    return np.asarray(Image.fromarray(share.astype(np.float32)).resize(size, Image.BICUBIC))


def grain(rng, size):
    x, y = (int(rng.integers(0, GRAIN.shape[0] - length)) for length in size)
    return GRAIN[y:y + size[1], x:x + size[0]] * np.float32(rng.uniform(1, 6))


def ruled(rng, size, pitch, squared):
    """The lines of a school book, not quite level, as ink of their own."""
    width, height = size
    thick, slope = max(1.0, pitch / 40), rng.normal(0, 0.04)
    y, x = np.mgrid[:height, :width]
    lines = (y + slope * x + rng.uniform(0, pitch)) % pitch < thick
    if squared:
        lines |= (x - slope * y + rng.uniform(0, pitch)) % pitch < thick
    return lines * np.float32(rng.uniform(0.35, 0.8))


def written(rng, skeleton, size):
    """The digit as ink, and its height."""
    height = min(size) * rng.uniform(0.3, 0.75)
    pen = max(1.5, height * rng.uniform(0.03, 0.09))
    paths = [path * height for path in strokes.trace(rng, skeleton)]
    room = np.maximum(np.array(size) - np.vstack(paths).max(axis=0) - 2 * pen, 0)
    corner = room * rng.uniform(0.15, 0.85, 2) + pen
    widths = [pen * share for share in strokes.pressure(rng, paths, 0.2)]
    return strokes.draw_ink([path + corner for path in paths], widths, size, True), height


def photograph(rng, skeleton, lines=None):
    """lines: None, "ruled" or "squared"."""
    size = tuple(map(int, rng.integers(200, 640, 2)))
    ink, height = written(rng, skeleton, size)
    share = np.asarray(ink, np.float32)[..., None] / 255 * np.float32(rng.uniform(0.75, 1))
    sheet = np.full((*share.shape[:2], 3), rng.integers(225, 256, 3), np.float32)
    if lines:
        drawn = ruled(rng, size, height * rng.uniform(0.35, 1.1), lines == "squared")[..., None]
        sheet = sheet * (1 - drawn) + np.float32(LINES) * drawn
    sheet = sheet * (1 - share) + np.float32(INKS[rng.integers(len(INKS))]) * share
    sheet *= light(rng, size)[..., None]
    sheet += grain(rng, size)[..., None]
    image = Image.fromarray(sheet.clip(0, 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.4)))


def make(lines=None, low=50, high=92):
    save = pictures.jpeg(low, high)

    def one(rng, i):
        label, style, skeleton = ALL[i % len(ALL)]
        return save(photograph(rng, skeleton, lines), rng), label, f"{label} {style}"

    return one
