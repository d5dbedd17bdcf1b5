"""Sends every row's pictures to a running digitd and counts what comes back.

The work is cut into chunks, dealt to a few processes: making the pictures takes far longer than asking. What
a chunk holds depends on nothing but the row, the seed and how much is measured.
"""

import gzip
import multiprocessing
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from client import Answer, Client
from rows import GROUPS

SEED = 28
CHUNK = 125
KEPT = 14  # samples of a row, and as many wrong ones


@dataclass
class Sample:
    """A picture that was sent, for a person to look at."""

    file: bytes
    label: int | None
    style: str
    answer: Answer
    seen: bytes | None = None


@dataclass
class Answers:
    """Of a row, or of a part of it."""

    labels: list = field(default_factory=list)
    styles: list = field(default_factory=list)
    predictions: list = field(default_factory=list)  # -1: refused
    confidences: list = field(default_factory=list)
    uncertain: list = field(default_factory=list)
    samples: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    def add(self, file, label, style, answer):
        sample = Sample(file, label, style, answer)
        prediction = -1 if answer.prediction is None else answer.prediction
        self.labels.append(label)
        self.styles.append(style)
        self.predictions.append(prediction)
        self.confidences.append(answer.confidence)
        self.uncertain.append(answer.uncertain)
        if len(self.samples) < KEPT:
            self.samples.append(sample)
        sure_other = label is None and answer.confidence > 0.9 and not answer.uncertain
        if (sure_other or label not in (None, prediction)) and len(self.wrong) < KEPT:
            self.wrong.append(sample)

    def join(self, other):
        for name, values in vars(other).items():
            getattr(self, name).extend(values)
        del self.samples[KEPT:], self.wrong[KEPT:]

    @property
    def right(self):
        return sum(label == got for label, got in zip(self.labels, self.predictions))

    @property
    def refused(self):
        return self.predictions.count(-1)


@dataclass
class Source:
    """A data set: pictures (count, side, side) of white on black, and their labels."""

    images: np.ndarray
    labels: np.ndarray

    def part(self, first, last, count):
        """From `first` to `last` of `count` that are spread evenly over the set."""
        chosen = np.arange(first, last) * len(self.images) // count
        return self.images[chosen], self.labels[chosen].tolist()


def mnist(folder):
    return Source(
        read_idx(folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 28, 28),
        read_idx(folder, "t10k-labels-idx1-ubyte", 8),
    )


def read_idx(folder, name, header):
    path = Path(folder, name)
    data = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


@dataclass(frozen=True)
class Chunk:
    group: int
    row: int
    first: int
    last: int
    count: int  # of the whole row


def chunks(share, sources):
    """All the work; `share` is what part of each row is measured. Left out: groups without a source."""
    for g, group in enumerate(GROUPS):
        if group.source not in ("made", *sources):
            continue
        count = max(1, round(group.count * share / group.round)) * group.round
        for r in range(len(group.rows)):
            for first in range(0, count, CHUNK):
                yield Chunk(g, r, first, min(first + CHUNK, count), count)


def pictures_of(chunk, sources):
    """(file, label, style) of each picture of the chunk."""
    group = GROUPS[chunk.group]
    row = group.rows[chunk.row]
    seed = SEED, zlib.crc32(row.name.encode())
    if group.source != "made":
        images, labels = sources[group.source].part(chunk.first, chunk.last, chunk.count)
        made = row.make(np.random.default_rng([*seed, chunk.first]), images)
        yield from zip(made, labels, map(str, labels))
        return
    for i in range(chunk.first, chunk.last):
        yield row.make(np.random.default_rng([*seed, i]), i)


class Asker:
    """What each process has: the data sets and a connection of its own."""

    client = sources = None

    @classmethod
    def begin(cls, host, port, sources):
        cls.client, cls.sources = Client(host, port), sources

    @classmethod
    def ask(cls, chunk):
        answers = Answers()
        for file, label, style in pictures_of(chunk, cls.sources):
            answers.add(file, label, style, cls.client.ask(file))
        return chunk, answers


def ask_all(server, sources, share, processes, say):
    """{(group, row): Answers}; `say` is told (chunks done, of how many)."""
    work, found = list(chunks(share, sources)), {}
    begin = server.host, server.port, sources
    with multiprocessing.Pool(processes, Asker.begin, begin) as pool:
        for done, (chunk, answers) in enumerate(pool.imap(Asker.ask, work)):
            found.setdefault((chunk.group, chunk.row), Answers()).join(answers)
            say(done + 1, len(work))
    return found
