"""Plots as SVG: lines over a few places, and bars. Readable on light and dark pages."""

import math
from html import escape

COLOURS = ("#1a7f5a", "#c2571a", "#5b62c4", "#b0347c", "#8a7a12", "#5f6b76")
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 50, 50
INK = "#6b7280"


def text(x, y, words, anchor="start", size=12, colour=INK):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{escape(str(words))}</text>'
    )


def line(x1, y1, x2, y2, opacity=0.25):
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{INK}" '
        f'stroke-opacity="{opacity}"/>'
    )


def document(parts, height=HEIGHT):
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="system-ui, sans-serif">',
            *parts,
            "</svg>",
            "",
        ]
    )


def ticks(low, high, log):
    """Round numbers from below `low` to above `high`."""
    if log:
        steps = [m * 10.0**e for e in range(-3, 8) for m in (1, 2, 5)]
        first = max(s for s in steps if s <= low)
        last = min(s for s in steps if s >= high)
        return [s for s in steps if first <= s <= last]
    step = 10 ** math.floor(math.log10(high))
    step = next(s for s in (step / 5, step / 2, step, step * 2) if high / s <= 6)
    return [i * step for i in range(math.ceil(high / step) + 1)]


def number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def lines(title, x_title, places, series, log=False):
    """`series`: {name: one value for each place}; the y axis may be logarithmic."""
    values = [value for row in series.values() for value in row]
    marks = ticks(min(values), max(values), log)
    scale = math.log if log else float
    bottom, top = scale(marks[0]), scale(marks[-1])

    def x(i):
        return LEFT + (WIDTH - LEFT - RIGHT) * (i + 0.5) / len(places)

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (scale(value) - bottom) / (top - bottom)

    parts = [text(LEFT, 24, title, size=15)]
    for mark in marks:
        parts += [
            line(LEFT, y(mark), WIDTH - RIGHT, y(mark)),
            text(LEFT - 8, y(mark) + 4, number(mark), "end"),
        ]
    parts += [text(x(i), HEIGHT - BOTTOM + 18, place, "middle") for i, place in enumerate(places)]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title, "middle"))
    ends = spread({name: y(row[-1]) for name, row in series.items()})
    for (name, row), colour in zip(series.items(), COLOURS):
        points = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(row))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            'stroke-width="2.5" stroke-linejoin="round"/>'
        )
        parts += [
            f'<circle cx="{x(i):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>'
            for i, value in enumerate(row)
        ]
        parts.append(text(WIDTH - RIGHT + 4, ends[name] + 4, name, colour=colour))
    return document(parts)


def spread(heights):
    """Moves names apart that would be written over each other."""
    placed, last = {}, -math.inf
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        last = placed[name] = max(height, last + 15)
    return placed


def bars(title, groups):
    """`groups`: {group: {name: value}}; a bar for each name, its value beside it."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    colours = dict(zip(names, COLOURS))
    parts, y = [text(20, 24, title, size=15)], 40
    for group, values in groups.items():
        y += 18
        parts.append(text(20, y, group, size=13))
        y += 8
        for name, value in values.items():
            length = 400 * value / max(values.values())
            parts += [
                text(170, y + 13, name, "end"),
                f'<rect x="178" y="{y}" width="{length:.1f}" height="17" rx="2" '
                f'fill="{colours[name]}"/>',
                text(184 + length, y + 13, number(value)),
            ]
            y += 22
    return document(parts, y + 16)
