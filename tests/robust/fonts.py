"""Digits and letters from fonts: real hands in those that imitate someone's writing, print in the others.

From Debian's fonts-breip, fonts-bwht, fonts-dkg-handwriting, fonts-havana, fonts-humor-sans and fonts-kristi;
fonts-dejavu-core for print.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import pictures
from digits import PAINTS

HANDS = (
    "Breip.ttf", "dkg.ttf", "dkgIt.ttf", "Humor-Sans.ttf", "Kristi.ttf", "Havana-Regular.otf",
    "BecauseWeBuild-Regular.otf", "BecauseWeConnect-Regular.otf", "BecauseWeCreate-Regular.otf",
    "BecauseWeLearn-Regular.otf", "BecauseWeMentor-Regular.otf", "BecauseWeOrganize-Regular.otf",
)  # fmt: skip
PRINT = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif-Bold.ttf")
# Not read as a digit in any of those: also the Greek and the Cyrillic ones.
LETTERS = "AEFHKMNPRVWXadfhkmnpwx" + "ΓΔΞΠΣΨΩαλπωДЖШЫЮж" + "#%&@$€*+=?!"
LARGE = 160  # pixels that letters are drawn at before they are scaled: small sizes are hinted


@cache
def shape(name, letter):
    """The letter as ink, nothing around it."""
    font = ImageFont.truetype(name, LARGE)
    ink = Image.new("L", (3 * LARGE, 3 * LARGE))
    ImageDraw.Draw(ink).text((LARGE, LARGE / 2), letter, fill=255, font=font)
    return ink.crop(ink.getbbox())


def draw(rng, name, letter):
    """The letter somewhere on a canvas, a little turned and slanted."""
    ink, side = shape(name, letter), int(rng.choice((64, 128, 280, 400)))
    padded = Image.new("L", (2 * max(ink.size), 2 * max(ink.size)))
    padded.paste(ink, ((padded.width - ink.width) // 2, (padded.height - ink.height) // 2))
    slant = rng.normal(0, 0.08)
    slanted = 1, slant, -slant * padded.height / 2, 0, 1, 0
    padded = padded.transform(padded.size, Image.AFFINE, slanted, Image.BILINEAR)
    padded = padded.rotate(rng.normal(0, 5), Image.BICUBIC)
    ink = padded.crop(padded.getbbox())
    scale = side * rng.uniform(0.35, 0.8) / max(ink.size)
    ink = ink.resize([max(1, round(length * scale)) for length in ink.size], Image.LANCZOS)
    canvas = Image.new("L", (side, side))
    room = np.array(canvas.size) - ink.size
    canvas.paste(ink, tuple(map(int, room * rng.uniform(0.05, 0.95, 2))))
    return pictures.png(PAINTS[rng.integers(len(PAINTS))](rng, canvas))


def digit(rng, i):
    name, label = HANDS[(i // 10 + i) % len(HANDS)], i % 10
    return draw(rng, name, str(label)), label, f"{label} in {name.partition('.')[0].removesuffix('-Regular')}"


def letter(rng, i):
    sign = LETTERS[i % len(LETTERS)]
    return draw(rng, PRINT[rng.integers(len(PRINT))], sign), None, f"printed {sign}"
