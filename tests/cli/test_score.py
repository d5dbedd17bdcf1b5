"""digit score: a line for a line, in order, whatever the lines are, with the answers of digit predict."""
import base64
import json
import os
import pty
import signal
import struct
import subprocess
import unittest

from tool import DIGITS, PROGRAM, SOURCE, ToolTest, run

PNGS = [(DIGITS / f"{digit}.png").read_bytes() for digit in range(10)]


def encoded(picture):
    return base64.b64encode(picture)


def record(key, picture, label=b""):
    return b"\t".join((key.encode(), label, encoded(picture)))


def as_float32(number):
    return struct.unpack("f", struct.pack("f", number))[0]


class Score(ToolTest):
    def score(self, *lines, end=b"\n", **more):
        """Gives the fields of the lines that come out."""
        said = self.ok("score", "--quiet", *more.pop("words", ()), stdin=b"\n".join(lines) + end, **more)
        self.assertTrue(said == "" or said.endswith("\n"))
        return [line.split("\t") for line in said.splitlines()]

    def predicted(self):
        words = [DIGITS / f"{digit}.png" for digit in range(10)]
        return [json.loads(line) for line in self.ok("predict", "--json", *words).splitlines()]

    def test_answers_are_those_of_predict(self):
        said = self.score(*(record(f"digits/{i}", png) for i, png in enumerate(PNGS)))
        self.assertEqual(len(said), 10)
        for i, (fields, want) in enumerate(zip(said, self.predicted())):
            self.assertEqual(fields[:2], [f"digits/{i}", str(i)])
            self.assertEqual(len(fields), 12)
            for got, probability in zip(map(float, fields[2:]), want["probabilities"]):
                # In a batch the last bits may be others.
                self.assertAlmostEqual(as_float32(got), probability, delta=1e-6)

    def test_a_picture_a_line(self):
        said = self.score(*map(encoded, PNGS))
        self.assertEqual([fields[:2] for fields in said], [[str(i + 1), str(i)] for i in range(10)])

    def test_last_line_without_newline(self):
        self.assertEqual(self.score(encoded(PNGS[4]), end=b"")[0][:2], ["1", "4"])

    def test_pixels_are_taken_as_they_are(self):
        ones = bytes(28 * 4) + (bytes(13) + b"\xff\xff" + bytes(13)) * 20 + bytes(28 * 4)
        self.assertEqual(self.score(record("x", ones))[0][:2], ["x", "1"])
        # Nothing is refused that the network can compute.
        self.assertEqual(len(self.score(record("x", bytes(784)))[0]), 12)

    def test_bad_lines_say_why_and_the_others_go_on(self):
        lines = [
            record("a", PNGS[3]),
            b"b\t1\tAA!A",
            b"c\t1\t" + encoded(b"no picture"),
            b"d\t12\t" + encoded(PNGS[3]),
            b"two\tfields",
            b"spaces in it\t1\t" + encoded(PNGS[3]),
            b"",
            b"\xff\xfe\x00",
            record("z", PNGS[5]),
        ]
        said = self.score(*lines)
        self.assertEqual([fields[0] for fields in said], ["a", "b", "c", "d", "two", "6", "7", "8", "z"])
        self.assertEqual([fields[1] for fields in said], ["3"] + ["-"] * 7 + ["5"])
        for fields, text in zip(said[1:8], [
            "character 3 ('!') is not base64", "send PNG, JPEG or BMP, or 784 pixels; these are 10 bytes",
            "its label is '12'", "it has 2 fields", "its key cannot be one", "it has no picture",
            "character 1 (byte 0xFF)",
        ]):
            self.assertEqual(len(fields), 3, fields)
            self.assertIn(text, fields[2])

    def test_notes_make_no_line(self):
        said = self.score(b"~statistics\t1\t0 0", record("a", PNGS[3]), b"~invalid\tx\twhy")
        self.assertEqual([fields[:2] for fields in said], [["a", "3"]])

    def test_prepared_records_are_records(self):
        said = self.score(record("a", PNGS[3], b"3") + b"\ttest/1")
        self.assertEqual(said[0][:2], ["a", "3"])

    def test_order_and_threads(self):
        lines = [record(f"{i:05}", PNGS[i * 7 % 10]) if i % 11 else b"bad\tline" for i in range(3000)]
        one = self.score(*lines, words=("--threads", "1"))
        self.assertEqual(len(one), 3000)
        for i, fields in enumerate(one):
            want = [f"{i:05}", str(i * 7 % 10)] if i % 11 else ["bad", "-"]
            self.assertEqual(fields[:2], want)
        self.assertEqual(one, self.score(*lines, words=("--threads", "3")))

    def test_empty_input(self):
        self.assertEqual(self.score(end=b""), [])

    def test_too_long_a_line(self):
        said = self.score(b"a\t\t" + b"A" * (33 << 20), record("b", PNGS[2]))
        self.assertEqual(said[0], ["a", "-", "it is longer than 33554432 bytes"])
        self.assertEqual(said[1][:2], ["b", "2"])

    def test_tells_how_many_were_bad(self):
        done = run("score", stdin=b"x\n" + encoded(PNGS[1]) + b"\n")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr.decode(), r"^digit: 1 of 2 lines could not be scored; [^\n]*\n$")

    def test_shows_its_progress_on_a_terminal(self):
        ours, theirs = pty.openpty()
        done = subprocess.run([PROGRAM, "score"], input=encoded(PNGS[1]), stdout=subprocess.DEVNULL,
                              stderr=theirs, cwd=SOURCE)
        os.close(theirs)
        said = os.read(ours, 1000).decode()
        os.close(ours)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(said, r"^\rscore  1 images  \d+ images/s\x1b\[K\r\n$")

    def test_counts_for_hadoop(self):
        done = run("score", stdin=b"x\n" + encoded(PNGS[1]) + b"\n", env={"mapreduce_task_id": "task_1_m_0"})
        self.assertEqual(done.stderr.splitlines(),
                         [b"reporter:counter:digit,scored,1", b"reporter:counter:digit,invalid,1"])

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "score", "--quiet"], input=encoded(PNGS[1]), stdout=full,
                                  stderr=subprocess.PIPE, cwd=SOURCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot be written", done.stderr)

    def test_reader_that_goes_away(self):
        there, here = os.pipe()
        os.close(there)
        done = subprocess.run([PROGRAM, "score", "--quiet"], input=encoded(PNGS[1]), stdout=here,
                              stderr=subprocess.PIPE, cwd=SOURCE)
        os.close(here)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, b""))

    def test_input_that_cannot_be_read(self):
        folder = os.open(self.folder, os.O_RDONLY)
        done = subprocess.run([PROGRAM, "score"], stdin=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=SOURCE)
        os.close(folder)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"the lines cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main()
