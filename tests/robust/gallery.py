"""Sheets of samples for a person to look at: what was sent, and beside it what the network saw of it."""

from PIL import Image, ImageDraw, ImageFont

import pictures

TILE, GAP, NAME = 84, 4, 16
FONT = ImageFont.truetype("DejaVuSans.ttf", 11)
BACK, INK, BAD = (70, 70, 74), (235, 235, 235), (255, 120, 90)


def tile(sample):
    """The picture, the network's input where it is known, and what was answered."""
    out = Image.new("RGB", (2 * TILE + GAP, TILE + NAME), BACK)
    sent = pictures.picture(sample.file)
    if max(sent.size) < TILE:
        factor = TILE // max(sent.size)
        sent = sent.resize((sent.width * factor, sent.height * factor), Image.NEAREST)
    sent.thumbnail((TILE, TILE), Image.LANCZOS)
    out.paste(sent, (0, 0))
    if sample.seen:
        out.paste(pictures.picture(sample.seen).resize((TILE, TILE), Image.NEAREST), (TILE + GAP, 0))
    got, label = sample.answer.prediction, sample.label
    words = sample.answer.reason if got is None else f"{got} {sample.answer.confidence:.2f}"
    words += "?" if sample.answer.uncertain else ""
    colour = INK if label in (None, got) else BAD
    ImageDraw.Draw(out).text((2, TILE + 2), f"{sample.style[:16]}: {words}"[:30], fill=colour, font=FONT)
    return out


def sheet(rows, columns=7):
    """rows: {name: samples}."""
    lines = [(name, samples[i:i + columns]) for name, samples in rows.items()
             for i in range(0, len(samples), columns)]
    width, height = 2 * TILE + 3 * GAP, TILE + NAME + 2 * GAP
    out = Image.new("RGB", (columns * width, len(lines) * (height + NAME)), (30, 30, 33))
    pen = ImageDraw.Draw(out)
    for y, (name, samples) in enumerate(lines):
        pen.text((GAP, y * (height + NAME)), name, fill=INK, font=FONT)
        for x, sample in enumerate(samples):
            out.paste(tile(sample), (x * width, y * (height + NAME) + NAME))
    return out


def write(folder, groups, found):
    """Two sheets a group: samples of every row, and the wrong ones."""
    for g, group in enumerate(groups):
        if (g, 0) not in found:
            continue
        name = group.name.lower().replace(" ", "-").replace("'", "").replace(",", "")
        for kind in ("samples", "wrong"):
            rows = {row.name: getattr(found[g, r], kind) for r, row in enumerate(group.rows)}
            if any(rows.values()):
                sheet(rows).save(folder / f"{name}-{kind}.png")
