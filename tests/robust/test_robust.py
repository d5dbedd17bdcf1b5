"""A small fixed part of ./dev bench robust: no row may fall below its bound in rows.py.

    test_robust.py DIGITD WEIGHTS DATA
"""

import os
import sys
import unittest
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "http"))
from support import SKIPPED, Server  # noqa: E402

try:
    import measure
    import verdict
    from rows import AREA_BOUND, GROUPS
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-numpy, python3-pil)")
    sys.exit(SKIPPED)

DIGITD, WEIGHTS, DATA = sys.argv[1:]
SHARE = 0.0125


class Bounds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with Server([DIGITD, "--model", WEIGHTS]) as server:
            processes = len(os.sched_getaffinity(0))
            found = measure.ask_all(server, {"mnist": measure.mnist(DATA)}, SHARE, processes, lambda *_: None)
        cls.verdict = verdict.judge(found)

    def test_no_row_falls_below_its_bound(self):
        for group in self.verdict["groups"]:
            for row in group["rows"]:
                if "accuracy" in row:
                    with self.subTest(row["name"]):
                        self.assertGreaterEqual(row["accuracy"], row["bound"])

    def test_digits_are_surer_than_other_things(self):
        for kind, area in self.verdict["rejection"]["auc"].items():
            with self.subTest(kind):
                self.assertGreaterEqual(area, AREA_BOUND)


class Pictures(unittest.TestCase):
    """The instrument itself."""

    def setUp(self):
        self.sources = {"mnist": measure.mnist(DATA)}

    def test_the_same_seed_gives_the_same_files(self):
        for chunk in measure.chunks(0.0001, self.sources):
            once, again = (list(islice(measure.pictures_of(chunk, self.sources), 2)) for _ in range(2))
            self.assertEqual(once, again, GROUPS[chunk.group].rows[chunk.row].name)

    def test_a_row_is_the_same_digits_as_the_data_set(self):
        chunk = next(c for c in measure.chunks(1, self.sources) if c.first > 0)
        labels = [label for _, label, _ in measure.pictures_of(chunk, self.sources)]
        expected = measure.read_idx(DATA, "t10k-labels-idx1-ubyte", 8)[chunk.first:chunk.last]
        self.assertEqual(labels, expected.tolist())

    def test_the_area_under_the_curve(self):
        for positives, negatives, area in (
            ([0.9, 0.8], [0.1, 0.2], 1),
            ([0.1], [0.9], 0),
            ([0.5, 0.5], [0.5], 0.5),
            ([0.9, 0.3], [0.5, 0.1], 0.75),
        ):
            self.assertEqual(verdict.area(positives, negatives), area)


if __name__ == "__main__":
    if not Path(DATA, "t10k-images-idx3-ubyte").exists() and not Path(DATA, "t10k-images-idx3-ubyte.gz").exists():
        print(f"skipped: there are no test images in {DATA}; run ./dev data")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
