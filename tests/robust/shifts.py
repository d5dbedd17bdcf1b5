"""MNIST's test images, moved away from what a network was taught: turned, scaled, thickened, pressed.

Each maker takes a random generator and pictures (count, 28, 28) of white strokes on black, and gives a file
a picture.
"""

import numpy as np
from PIL import Image

import pictures

SIDE = 28
NEAREST = Image.NEAREST


def files(pixels, save=pictures.png, rng=None):
    return [save(Image.fromarray(one), rng) for one in pixels]


def resized(images, side, how=Image.BICUBIC):
    return np.stack([np.asarray(Image.fromarray(one).resize((side, side), how)) for one in images])


def padded(images, margin):
    return np.pad(images, ((0, 0), (margin, margin), (margin, margin)))


def turned(images, degrees):
    """Each about its middle by its own angle, bilinear."""
    radians = np.deg2rad(degrees).astype(np.float32)[:, None, None]
    middle = (images.shape[1] - 1) / 2
    y, x = np.mgrid[:images.shape[1], :images.shape[2]].astype(np.float32) - middle
    from_x = np.cos(radians) * x + np.sin(radians) * y + middle
    from_y = np.cos(radians) * y - np.sin(radians) * x + middle
    return sampled(images, from_x, from_y)


def sampled(images, from_x, from_y):
    """Bilinear; what lies outside is black."""
    edged = padded(images, 1).astype(np.float32)
    from_x = (from_x + 1).clip(0, edged.shape[2] - 1.001)
    from_y = (from_y + 1).clip(0, edged.shape[1] - 1.001)
    left, top = from_x.astype(int), from_y.astype(int)
    right, low = from_x - left, from_y - top
    each = np.arange(len(images))[:, None, None]
    upper = edged[each, top, left] * (1 - right) + edged[each, top, left + 1] * right
    lower = edged[each, top + 1, left] * (1 - right) + edged[each, top + 1, left + 1] * right
    return np.rint(upper * (1 - low) + lower * low).astype(np.uint8)


def spread(images, reach, most=np.maximum):
    """Each pixel the most (or the least) of those within `reach` of it."""
    field, out = padded(images, reach), images
    side = images.shape[1]
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= reach * reach + 1:
                part = field[:, reach + dy:reach + dy + side, reach + dx:reach + dx + side]
                out = most(out, part)
    return out


def as_is(_, images):
    return files(images)


def inverted(_, images):
    return files(255 - images)


def moved(most, canvas, polarity=0):
    """Somewhere on a larger canvas, up to `most` pixels from its middle."""

    def make(rng, images):
        out = np.zeros((len(images), canvas, canvas), np.uint8)
        first = (canvas - SIDE) // 2
        for one, image, (dx, dy) in zip(out, images, rng.integers(-most, most + 1, (len(images), 2))):
            one[first + dy:first + dy + SIDE, first + dx:first + dx + SIDE] = image
        return files(out ^ polarity)

    return make


def rolled(most):
    """Moved within 28x28, as far as no ink is lost."""

    def make(rng, images):
        out = np.empty_like(images)
        for i, image in enumerate(images):
            rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
            shift = [
                rng.integers(max(-most, -ink[0]), min(most, SIDE - 1 - ink[-1]) + 1)
                for ink in (rows, columns)
            ]
            out[i] = np.roll(image, shift, (0, 1))
        return files(out)

    return make


def scaled(factor, margin=0.0, how=Image.BICUBIC, polarity=0):
    """As large as that, with an empty margin around it (in sides of the scaled picture)."""

    def make(_, images):
        side = round(images.shape[1] * factor)
        small = resized(images, side, Image.BOX if factor < 1 else how)
        return files(padded(small, round(margin * side)) ^ polarity)

    return make


def rotated(most, least=0):
    def make(rng, images):
        angles = rng.uniform(least, most, len(images)) * rng.choice((-1, 1), len(images))
        large = turned(padded(resized(images, 2 * SIDE), SIDE // 2), angles)
        return files(large)

    return make


def thickened(pixels):
    """By that many pixels of MNIST, on a canvas of four times its size."""

    def make(_, images):
        return files(spread(padded(resized(images, 4 * SIDE), 8), round(pixels * 2)))

    return make


def thinned(pixels):
    def make(_, images):
        return files(spread(padded(resized(images, 4 * SIDE), 8), round(pixels * 2), np.minimum))

    return make


def blurred(factor):
    """Made smaller by the factor and large again."""

    def make(_, images):
        small = resized(images, round(SIDE / factor), Image.BOX)
        return files(resized(small, 4 * SIDE, Image.BILINEAR))

    return make


def noised(sigma, factor=4):
    def make(rng, images):
        large = padded(resized(images, factor * SIDE), 8).astype(np.float32)
        noise = rng.standard_normal(large.shape, np.float32) * sigma
        return files((large + noise).clip(0, 255).astype(np.uint8))

    return make


def specked(share):
    """Some pixels black or white."""

    def make(rng, images):
        large = padded(resized(images, 4 * SIDE), 8)
        hit = rng.random(large.shape, np.float32)
        return files(np.where(hit < share / 2, 0, np.where(hit > 1 - share / 2, 255, large)).astype(np.uint8))

    return make


def pressed(quality, factor=1, polarity=0):
    """As a JPEG of that quality."""

    def make(_, images):
        large = images if factor == 1 else resized(images, factor * SIDE)
        return files(large ^ polarity, pictures.jpeg(quality))

    return make


def faded(share):
    """Grey strokes on a grey ground."""

    def make(_, images):
        return files((100 + images * share).astype(np.uint8))

    return make
