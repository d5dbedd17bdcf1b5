"""Digits as people draw them on screens: how large, with which pen, where on what canvas."""

from dataclasses import dataclass
from typing import Callable

import numpy as np

import pictures
import strokes
from skeletons import DIGITS

PAINTS = (
    pictures.black_on_white,
    pictures.white_on_black,
    pictures.transparent(pictures.BLACK),
    pictures.transparent(pictures.WHITE),
    pictures.coloured,
)
SIDES = (64, 100, 128, 200, 280, 400, 560)  # larger ones have a row of their own: they take long to write
PENS = (0.03, 0.15)  # in heights of the digit
SMALLEST = 18  # pixels that a digit is high at least


@dataclass(frozen=True)
class Drawing:
    """How drawings are made; what is not said varies."""

    sides: tuple = SIDES
    pens: tuple = PENS
    heights: tuple = (0.35, 0.85)  # in sides of the canvas
    paints: tuple = PAINTS
    save: Callable = pictures.png
    place: str = "anywhere"
    smooth: float = 0.8  # the share of drawings whose edges are
    square: bool = False
    amount: float = 1.0  # of jitter


def styles(table):
    """All (label, style, skeleton), mixed, so that any part of a row has digits of every kind."""
    kinds = [(label, style, text) for label, kinds in table.items() for style, text in kinds.items()]
    return [kinds[i] for i in np.random.default_rng(0).permutation(len(kinds))]


ALL = styles(DIGITS)


def canvas_size(rng, how):
    side = int(rng.choice(how.sides))
    if how.square or rng.random() < 0.7:
        return np.array([side, side])
    return np.array([side, round(side * rng.uniform(0.7, 1.0))])[:: rng.choice((1, -1))]


def position(rng, place, room):
    """The corner of the drawing's box, in a canvas that has so much room around it."""
    if place == "centre":
        return room / 2
    if place == "edge":
        at = rng.uniform(0, 1, 2)
        at[rng.integers(2)] = rng.integers(2)
        return room * at
    return room * rng.uniform(0.06, 0.94, 2)


def ink(rng, skeleton, how):
    """The drawing as ink on its canvas."""
    size = canvas_size(rng, how)
    paths = strokes.trace(rng, skeleton, how.amount)
    height = max(size.min() * rng.uniform(*how.heights), SMALLEST)
    pen = max(1.0, height * np.exp(rng.uniform(*np.log(how.pens))))
    height = min(height, *((size - pen - 4) / np.vstack(paths).max(axis=0).clip(0.01)))
    paths = [path * height + pen / 2 + 1 for path in paths]
    room = np.maximum(size - np.vstack(paths).max(axis=0) - pen / 2 - 1, 0)
    corner = position(rng, how.place, room)
    change = rng.choice((0, 0.15, 0.3))
    widths = [pen * share for share in strokes.pressure(rng, paths, change)]
    smooth = rng.random() < how.smooth
    return strokes.draw_ink([path + corner for path in paths], widths, tuple(map(int, size)), smooth)


def draw(rng, skeleton, how):
    """The drawing as a file."""
    paint = how.paints[rng.integers(len(how.paints))]
    return how.save(paint(rng, ink(rng, skeleton, how)), rng)


def make(how, table=None):
    """A row's maker: the i-th file of a row, its label and its style. Every style comes in turn."""
    kinds = ALL if table is None else styles(table)

    def one(rng, i):
        label, style, skeleton = kinds[i % len(kinds)]
        return draw(rng, skeleton, how), label, f"{label} {style}"

    return one
