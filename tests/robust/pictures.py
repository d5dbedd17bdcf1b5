"""Ink becomes a file as a client would send it: on some ground, in some colours, PNG or JPEG."""

import io

import numpy as np
from PIL import Image, ImageOps

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def blend(ink, stroke, ground):
    """Colours (or greys): the stroke's where there is ink."""
    mode = "L" if isinstance(stroke, int) else "RGB"
    return Image.composite(Image.new(mode, ink.size, stroke), Image.new(mode, ink.size, ground), ink)


def black_on_white(_, ink):
    return ImageOps.invert(ink)


def white_on_black(_, ink):
    return ink


def transparent(stroke):
    """Nothing but the stroke: what lies behind it is left to whoever looks at it."""

    def paint(_, ink):
        image = Image.new("RGBA", ink.size)
        image.paste(stroke, mask=ink.point(lambda level: 255 * (level > 0)))
        image.putalpha(ink)
        return image

    return paint


def coloured(rng, ink):
    """Any two colours that the eye tells apart well by their brightness."""
    while True:
        stroke, ground = rng.integers(0, 256, (2, 3))
        if abs(np.dot(stroke - ground, (0.299, 0.587, 0.114))) > 90:
            return blend(ink, tuple(map(int, stroke)), tuple(map(int, ground)))


def faint(rng, ink):
    """A pencil, or chalk on a board that was not wiped well."""
    ground, contrast = int(rng.integers(60, 196)), int(rng.integers(36, 60))
    return blend(ink, ground + (contrast if rng.random() < 0.5 else -contrast), ground)


def png(image, _rng=None):
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def jpeg(low, high=None):
    """Files of a quality from low to high."""

    def save(image, rng):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=low if high is None else int(rng.integers(low, high + 1)))
        return file.getvalue()

    return save


def picture(file):
    """What a file shows; where it is transparent, a blue on which black and white are seen."""
    image = Image.open(io.BytesIO(file))
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, (160, 190, 220, 255)), image)
    return image.convert("RGB")
