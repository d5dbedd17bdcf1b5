"""Records without a cluster: digit records, the job's two programs with sort between them, and what
digit statistics, evaluate and train make of their output."""
import base64
import functools
import hashlib
import json
import random
import struct
import subprocess
import sys
import unittest

from tool import DIGITS, PROGRAM, SOURCE, ToolTest

sys.path.insert(0, str(SOURCE / "tests"))
import preparing  # noqa: E402

MAP = PROGRAM.parent / "digit-map"
REDUCE = PROGRAM.parent / "digit-reduce"


@functools.cache
def strokes(seed):
    """A picture that is like no other."""
    source = random.Random(seed)
    pixels = bytearray(784)
    for _ in range(120):
        pixels[source.randrange(784)] = source.randrange(1, 256)
    return bytes(pixels)


def piped(program, text, status=0):
    done = subprocess.run([program], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != status:
        raise AssertionError(f"{program} ends with {done.returncode}: {done.stderr.decode()}")
    return done


def shuffled(lines, reducers):
    """What Hadoop does between mapper and reducers: all lines of one first field to one of them, sorted
    by the first two."""
    parts = [[] for _ in range(reducers)]
    for line in lines:
        part = int(hashlib.sha256(line.split(b"\t")[0]).hexdigest(), 16) % reducers
        parts[part].append(line)
    return [sorted(part, key=lambda line: line.split(b"\t")[:2]) for part in parts]


def prepare(folder, text, splits=1, reducers=1):
    """The whole job; gives its counters."""
    lines = text.splitlines(keepends=True)
    counters = {}
    mapped = []
    for i in range(splits):
        done = piped(MAP, b"".join(lines[i * len(lines) // splits:(i + 1) * len(lines) // splits]))
        mapped += done.stdout.splitlines(keepends=True)
        count(counters, done.stderr)
    for i, part in enumerate(shuffled(mapped, reducers)):
        done = piped(REDUCE, b"".join(part))
        (folder / f"part-{i:05}").write_bytes(done.stdout)
        count(counters, done.stderr)
    return counters


def count(counters, said):
    for line in said.decode().splitlines():
        assert line.startswith("reporter:counter:digit,"), line
        _, name, by = line.split(",")
        counters[name] = counters.get(name, 0) + int(by)


class Records(ToolTest):
    def setUp(self):
        super().setUp()
        self.train = [(i % 10, strokes(i)) for i in range(300)]
        self.test = [(i % 7, strokes(1000 + i)) for i in range(100)]
        preparing.write_mnist(self.folder, self.train, self.test)
        self.records = [(f"train/{i:05}", *item) for i, item in enumerate(self.train)]
        self.records += [(f"test/{i:05}", *item) for i, item in enumerate(self.test)]
        self.out = self.folder / "prepared"
        self.out.mkdir()

    def text(self, records=None):
        return b"".join(preparing.line(*record) for record in records or self.records)

    def statistics(self):
        return json.loads(self.ok("statistics", "--json", self.out))

    def test_records_of_a_folder(self):
        self.assertEqual(self.ok("records", self.folder).encode(), self.text())
        self.assertEqual(self.ok("records", "--set", "train", self.folder).encode(), self.text(self.records[:300]))
        self.assertEqual(self.ok("records", "--set=test", self.folder).encode(), self.text(self.records[300:]))

    def test_records_says_what_is_wrong(self):
        self.fails(2, "FOLDER|URL is missing", "records")
        self.fails(1, "--set is 'some'; it can be train, test or all", "records", "--set", "some", self.folder)
        self.fails(1, "'more' is one word too many", "records", self.folder, "more")
        self.fails(1, "run ./dev data", "records", self.out)

    def test_nothing_to_find(self):
        counters = prepare(self.out, self.text())
        self.assertEqual(counters, {"records": 400})
        said = self.statistics()
        self.assertEqual(said["invalid"], [])
        self.assertEqual(preparing.differences(said, preparing.statistics(self.records)), [])
        self.assertEqual(self.ok("records", self.out).encode(), self.text())

    def planted(self):
        """Records and lines that are none: the text, the records in it, the invalid lines' keys."""
        records = list(self.records)
        records += [(f"zero/{i}", 0, bytes(784)) for i in range(3)]
        records += [("grey/1", 1, bytes([100] * 784)), ("faint/1", 1, bytes([100] * 783 + [115]))]
        records += [("seen/1", 1, bytes([100] * 783 + [116]))]
        records += [(f"again/{i:05}", self.train[i][0], self.train[i][1]) for i in range(0, 300, 50)]
        records += [("again/other", 9, self.train[7][1]), ("train/00300", 3, self.test[5][1])]
        lines = self.text(records).splitlines(keepends=True)
        good = base64.b64encode(strokes(5))
        bad = {
            "bad/base64": b"1\tAA!A", "bad/label": b"10\t" + good, "bad/no-label": b"\t" + good,
            "bad/short": b"1\tAAAA", "bad/none": b"1\t", "bad/fields": good, "bad/more": b"1\t" + good + b"\ta\tb",
            "bad/gif": b"1\t" + base64.b64encode(b"GIF89a"), "bad/cut": b"1\t" + good[:-1],
        }
        lines += [key.encode() + b"\t" + rest + b"\n" for key, rest in bad.items()]
        keyless = [b"\n", good + b"\n", b"\xff\xfe\n", b"a b\t1\t" + good + b"\n", b"\t1\t" + good + b"\n"]
        random.Random(1).shuffle(lines)
        return b"".join(lines + keyless), records, sorted([*bad, *["-"] * len(keyless)])

    def check_planted(self, splits, reducers):
        text, records, bad = self.planted()
        counters = prepare(self.out, text, splits, reducers)
        said = self.statistics()
        want = preparing.statistics(records)
        self.assertEqual(preparing.differences(said, want), [])
        self.assertEqual([found["key"] for found in said["invalid"]], sorted(bad))
        self.assertEqual(want["blank"], ["faint/1", "grey/1", "zero/0", "zero/1", "zero/2"])
        self.assertEqual(len(want["duplicates"]), 10)
        self.assertEqual(counters, {"records": len(records), "invalid": len(bad), "blank": 5, "duplicates": 10})
        reasons = {found["key"]: found["reason"] for found in said["invalid"]}
        self.assertIn("character 3 ('!') is not base64", reasons["bad/base64"])
        self.assertIn("its label is '10'", reasons["bad/label"])
        self.assertIn("it has no label", reasons["bad/no-label"])
        self.assertIn("these are 3 bytes", reasons["bad/short"])
        self.assertIn("this is a GIF", reasons["bad/gif"])
        self.assertTrue(all("line " in found["reason"] for found in said["invalid"] if found["key"] == "-"))

    def test_planted(self):
        self.check_planted(1, 1)

    def test_planted_in_parts(self):
        self.check_planted(4, 3)

    def test_text_says_the_same(self):
        prepare(self.out, self.planted()[0])
        said = self.ok("statistics", self.out)
        self.assertRegex(said, r"(?m)^pictures    414$")
        self.assertRegex(said, r"(?m)^invalid     14$")
        self.assertRegex(said, r"(?m)^blank       5$")
        # again/* are 7 and train/00300 is 1 of another set; again/other and, of test/00005, it.
        self.assertRegex(said, r"(?m)^duplicates  10 \(8 of another set, 2 of another label\)$")

    def test_mean_images_as_a_picture(self):
        prepare(self.out, self.text())
        self.ok("statistics", "--out", self.folder / "means.png", self.out)
        png = (self.folder / "means.png").read_bytes()
        self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", png[16:24]), (560, 224))
        self.fails(1, "/no/such/means.png", "statistics", "--out", "/no/such/means.png", self.out)

    def test_picture_files_become_what_the_network_sees(self):
        png = (DIGITS / "4.png").read_bytes()
        done = piped(MAP, preparing.line("file/4", 4, png))
        sha256, key, label, picture = done.stdout.splitlines()[0].split(b"\t")
        pixels = base64.b64decode(picture)
        self.assertEqual((key, label, len(pixels)), (b"file/4", b"4", 784))
        self.assertEqual(sha256.decode(), hashlib.sha256(pixels).hexdigest())
        # As pixels they are the same picture; the two meet in one reducer.
        prepare(self.out, preparing.line("file/4", 4, png) + preparing.line("pixels/4", 4, pixels))
        self.assertEqual(self.statistics()["duplicates"],
                         [{"key": "pixels/4", "label": 4, "of": "file/4", "of_label": 4}])

    def test_preparing_again_changes_nothing(self):
        prepare(self.out, self.planted()[0])
        first = (self.out / "part-00000").read_bytes()
        records = b"".join(line for line in first.splitlines(keepends=True) if not line.startswith(b"~"))
        notes = b"".join(line for line in first.splitlines(keepends=True) if line.startswith(b"~"))
        prepare(self.out, records + notes)
        again = (self.out / "part-00000").read_bytes()
        self.assertEqual(again[:len(records)], records)

    def test_reducer_refuses_what_is_not_in_order(self):
        lines = sorted(piped(MAP, self.text()).stdout.splitlines(keepends=True))
        said = piped(REDUCE, b"".join([lines[1], lines[0]]), status=1).stderr.decode()
        self.assertEqual(said, "digit-reduce: line 2: it is not in order; sort by the first two fields\n")
        same = [lines[0], lines[0].replace(b"/00", b"/99")]
        self.assertEqual(len(piped(REDUCE, b"".join(same)).stdout.splitlines()), 2)
        said = piped(REDUCE, b"".join(reversed(same)), status=1).stderr.decode()
        self.assertIn("it is not in order", said)

    def test_reducer_refuses_what_is_not_the_mappers(self):
        for text in b"hello\n", self.text(), b"x" * 64 + b"\ta\t1\tAAAA\n", b"0" * 64 + b"\ta\tx\tAAAA\n", \
                b"0" * 64 + b"\ta\t1\tAAAA\tb\n", b"~statistics\t1\t5\n", b"0" * 63 + b"\ta\t1\tAAAA\n", \
                b"0" * 63 + b"F\ta\t1\tAAAA\n", b"0" * 64 + b"\tAAAA\n", b"\0" * 64 + b"\ta\t1\tAAAA\n", \
                b"a" * (33 << 20) + b"\n":
            self.assertIn(b"digit-reduce: line 1: ", piped(REDUCE, text, status=1).stderr)

    def test_lines_too_long_are_invalid(self):
        """And what follows them is read; so are notes of a later version."""
        mapped = piped(MAP, b"a/1\t1\t" + b"A" * (33 << 20) + b"\n" + self.text()).stdout
        self.assertIn(b"~invalid\ta/1\tit is longer than", mapped)
        self.assertEqual(mapped.count(b"\n"), len(self.records) + 2)
        self.assertEqual(piped(REDUCE, b"~statisticz\t1\n").stdout.splitlines()[0], b"~statisticz\t1")

    def test_keys_of_which_one_begins_another(self):
        """Of equal pictures the first key counts, and a shorter one comes first."""
        prepare(self.out, self.text([("a/10", 1, strokes(1)), ("a/1", 1, strokes(1)), ("a/100", 1, strokes(1))]))
        lines = [line.split(b"\t") for line in (self.out / "part-00000").read_bytes().splitlines() if line[:1] != b"~"]
        self.assertEqual([(line[0], line[3:]) for line in lines],
                         [(b"a/1", []), (b"a/10", [b"a/1"]), (b"a/100", [b"a/1"])])

    def test_output_that_cannot_be_written(self):
        many = self.text([(f"a/{i:05}", 1, strokes(i % 3)) for i in range(500)])  # more than a buffer holds
        for program, text in (MAP, self.text()), (MAP, many), (REDUCE, b""):
            with open("/dev/full", "w") as full:
                done = subprocess.run([program], input=text or piped(MAP, self.text()).stdout.splitlines()[0] + b"\n",
                                      stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"the output cannot be written", done.stderr)

    def test_records_that_cannot_be_written(self):
        prepare(self.out, self.text())
        for words in ("records", self.out), ("statistics", self.out), ("statistics", "--json", self.out):
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertIn(b"output cannot be written", done.stderr)
        self.fails(1, "is one word too many", "statistics", self.out, self.out)

    def test_parts_must_be_whole(self):
        prepare(self.out, self.text(), reducers=3)
        parts = {path: path.read_bytes() for path in sorted(self.out.iterdir())}
        self.assertEqual(len(parts), 3)
        for path, held in parts.items():
            path.unlink()
            self.fails(1, "", "statistics", self.out)
            path.write_bytes(held + held)
            self.fails(1, "", "statistics", self.out)
            path.write_bytes(held[:len(held) // 2])
            self.fails(1, "", "records", self.out)
            path.write_bytes(held)
        altered = parts[self.out / "part-00001"].replace(b"AAAB", b"AAAC", 1)
        (self.out / "part-00001").write_bytes(altered)
        self.fails(1, "is not what the preparing job wrote", "records", self.out)

    def test_lines_that_are_no_labelled_records(self):
        prepare(self.out, self.text())
        path = self.out / "part-00000"
        held = path.read_bytes()
        for text, line in (("it has no label", base64.b64encode(strokes(1)) + b"\n"), ("has 2 fields", b"a\tAAAA\n"), ("line", b"a\t1\t*\n"),
                           ("its label", b"a\tx\tAAAA\n"), ("statistics", b"~statistics\t2\t0\n"),
                           ("is longer than", b"a" * (33 << 20) + b"\n")):
            with self.subTest(text):
                path.write_bytes(line + held)
                self.fails(1, text, "records", self.out)
        path.write_bytes(b"~later\twhat a later version notes\n" + held)
        self.ok("records", self.out)

    def test_keys_of_a_data_set(self):
        prepare(self.out, self.text(self.records + [("train/7", 1, strokes(-1))]))
        self.fails(1, "has two records train/00007", "records", self.out)
        prepare(self.out, self.text([("train/x", 1, strokes(1))]))
        self.fails(1, "its key 'train/x' does not end in a whole number", "records", self.out)
        prepare(self.out, self.text(self.records[:10]))
        self.fails(1, "has no records test/INDEX", "records", self.out)
        # Gaps and other sets are no matter.
        prepare(self.out, self.text([("test/9", 1, strokes(1)), ("x/1", 1, strokes(2)), ("test/08", 2, strokes(3))]))
        self.assertEqual(self.ok("records", "--set", "test", self.out).encode(),
                         self.text([("test/00000", 2, strokes(3)), ("test/00001", 1, strokes(1))]))

    @unittest.skipIf(b"__asan_init" in MAP.read_bytes(), "AddressSanitizer needs more")
    def test_memory_is_bounded(self):
        """Of many records, and of many equal ones."""
        text = b"".join(preparing.line(f"a/{i:06}", 1, strokes(i % 3)) for i in range(30000))
        mapped = sorted(piped(MAP, text).stdout.splitlines(keepends=True))
        for program, held in (MAP, text), (REDUCE, b"".join(mapped)):
            done = subprocess.run(["sh", "-c", f"ulimit -v 8192; exec {program}"], input=held,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 0, done.stderr)


@unittest.skipUnless((PROGRAM.parents[1] / "lib/digit/digit_trainer_torch.so").exists(), "there is no libtorch")
class Training(ToolTest):
    def trained(self, name, data):
        out = self.folder / name / "x.pth"
        out.parent.mkdir()
        self.ok("train", "--data", data, "--epochs", "2", "--threads", "1", "--quiet", "--out", out,
                env={"SOURCE_DATE_EPOCH": "86400", "ASAN_OPTIONS": "detect_leaks=0"})
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in (out, out.with_suffix(".json"))]

    def test_the_same_model_from_records(self):
        train = [(i % 10, strokes(i)) for i in range(300)]
        test = [(i % 7, strokes(1000 + i)) for i in range(100)]
        preparing.write_mnist(self.folder, train, test)
        prepared = self.folder / "prepared"
        prepared.mkdir()
        records = self.ok("records", self.folder).encode().splitlines(keepends=True)
        random.Random(2).shuffle(records)
        prepare(prepared, b"".join(records), splits=2, reducers=3)
        self.assertEqual(self.trained("files", self.folder), self.trained("records", prepared))


if __name__ == "__main__":
    unittest.main()
