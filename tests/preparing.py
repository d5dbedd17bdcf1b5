"""What the preparing job must find, computed here in the plainest way: lists and dictionaries of all."""

import base64
import collections
import math
import random
import struct
from fractions import Fraction

PIXELS = 784


def read_idx(path):
    """The items of an IDX file."""
    data = path.read_bytes()
    rank = data[3]
    sizes = struct.unpack_from(f">{rank}I", data, 4)
    items, length = data[4 + 4 * rank:], math.prod(sizes[1:])
    assert len(items) == sizes[0] * length
    return [items[i * length:(i + 1) * length] for i in range(sizes[0])]


def write_mnist(folder, train, test):
    """MNIST's four files with these (label, pixels)."""
    for name, items in ("train", train), ("t10k", test):
        (folder / f"{name}-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 0x803, len(items), 28, 28) + b"".join(pixels for _, pixels in items))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 0x801, len(items)) + bytes(label for label, _ in items))


def make_mnist(folder, count=30):
    """A data set of so few pictures, and as many for the test."""
    folder.mkdir()
    source = random.Random(1)
    items = [(i % 10, bytes(source.choice((0, 0, 0, 255)) for _ in range(PIXELS))) for i in range(2 * count)]
    write_mnist(folder, items[:count], items[count:])
    return folder


def read_mnist(folder):
    """All pictures as records: (key, label, pixels)."""
    records = []
    for name, files in ("train", "train"), ("test", "t10k"):
        images = read_idx(folder / f"{files}-images-idx3-ubyte")
        labels = read_idx(folder / f"{files}-labels-idx1-ubyte")
        assert len(images) == len(labels)
        records += [(f"{name}/{i:05}", labels[i][0], images[i]) for i in range(len(images))]
    return records


def line(key, label, picture):
    return b"%s\t%d\t%s\n" % (key.encode(), label, base64.b64encode(picture))


def is_blank(pixels):
    return max(pixels) - min(pixels) < 16


def duplicates(records):
    """Each but the first, by key, of the records with the same pixels."""
    groups = collections.defaultdict(list)
    for key, label, pixels in records:
        groups[pixels].append((key, label))
    found = []
    for group in groups.values():
        (first, first_label), *others = sorted(group)
        found += [{"key": key, "label": label, "of": first, "of_label": first_label} for key, label in others]
    return sorted(found, key=lambda d: d["key"])


def class_sums(records):
    sums = {}
    for digit in range(10):
        pixels = b"".join(record[2] for record in records if record[1] == digit)
        sums[digit] = [sum(pixels[i::PIXELS]) for i in range(PIXELS)]
    return sums


def statistics(records):
    """What `digit statistics --json` must say, but for the invalid lines."""
    levels = collections.Counter()
    for record in records:
        levels.update(record[2])
    count = sum(levels.values())
    mean = Fraction(sum(level * n for level, n in levels.items()), count)
    variance = Fraction(sum(level * level * n for level, n in levels.items()), count) - mean * mean
    counts = collections.Counter(record[1] for record in records)
    sums = class_sums(records)
    return {
        "pictures": len(records),
        "mean": float(mean / 255),
        "deviation": math.sqrt(variance) / 255,
        "blank": sorted(key for key, _, pixels in records if is_blank(pixels)),
        "duplicates": duplicates(records),
        "classes": [{"digit": digit, "pictures": counts[digit],
                     "mean_image": [s / (counts[digit] * 255) if counts[digit] else 0 for s in sums[digit]]}
                    for digit in range(10)],
    }


def differences(said, want):
    """What is not the same, as lines for people. Means are compared to twelve digits."""
    found = []
    for name, value in want.items():
        if name == "classes":
            continue
        same = math.isclose(said[name], value, rel_tol=1e-12) if isinstance(value, float) else said[name] == value
        if not same:
            found.append(f"{name}: {str(said[name])[:500]}, not {str(value)[:500]}")
    for got, expected in zip(said["classes"], want["classes"]):
        if (got["digit"], got["pictures"]) != (expected["digit"], expected["pictures"]):
            found.append(f"class {expected['digit']}: {got['pictures']} pictures, not {expected['pictures']}")
        if not all(map(math.isclose, got["mean_image"], expected["mean_image"])):
            found.append(f"class {expected['digit']}: another mean image")
    return found
