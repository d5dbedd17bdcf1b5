"""Paths as long as the system takes them, a little less, and more: a command does what it is to, or says in one line
that it cannot, and leaves no part of it."""
import os
import pathlib
import shutil
import sys
import unittest

from tool import SOURCE, WEIGHTS, ToolTest, run

sys.path.insert(0, str(SOURCE / "tests"))
import preparing  # noqa: E402

PATH_MAX = 4096
LENGTHS = (*range(PATH_MAX - 64, PATH_MAX + 1, 7), PATH_MAX + 200)
NATIVE = ("--engine", "native", "--quiet")


class LongPaths(ToolTest):
    def setUp(self):
        super().setUp()
        self.data = preparing.make_mnist(self.folder / "data")
        self.deep = str(self.folder / "deep")
        while (room := PATH_MAX - 240 - len(self.deep)) > 1:  # so that a name of the rest is not too long
            self.deep += "/" + "a" * min(room - 1, 200)
        os.makedirs(self.deep)

    def path(self, length, ending=""):
        return f"{self.deep}/" + "b" * (length - len(self.deep) - 1 - len(ending)) + ending

    def each_length(self, *words, ending=""):
        """Runs the command with {} in place of a path; gives how often it did all."""
        good = 0
        for length in LENGTHS:
            path = self.path(length, ending)
            with self.subTest(command=words[0], length=length):
                done = run(*(word.replace("{}", path) if isinstance(word, str) else word for word in words))
                said = done.stderr.decode()
                good += done.returncode == 0
                if done.returncode != 0:
                    self.assertEqual((done.returncode, said.count("\n")), (1, 1), said)
                    self.assertTrue(said.startswith("digit"), said)
        return good

    def left(self):
        """What is left in the deepest folder, which can be looked into from its inside only."""
        here = os.open(".", os.O_RDONLY)
        os.chdir(self.deep)
        found = os.listdir()
        for name in found:
            shutil.rmtree(name) if pathlib.Path(name).is_dir() else os.unlink(name)
        os.fchdir(here)
        os.close(here)
        return found

    def test_what_is_read(self):
        for words in (("predict", "--engine", "native", "{}"), ("predict", "--engine", "native", "--model", "{}.pth", "x"),
                      ("evaluate", *NATIVE, "--data", "{}"), ("records", "{}"), ("statistics", "{}"),
                      ("fetch", "--quiet", "{}.pth", self.folder / "m.pth"), ("publish", "--quiet", "{}.pth", "/tmp/"),
                      ("report", *NATIVE, "--data", self.data, "--log", "{}", "--out", self.folder / "out")):
            self.assertEqual(self.each_length(*words), 0, words)
        self.assertEqual(self.left(), [])

    def test_what_is_written(self):
        for words, ending in ((("publish", "--quiet", WEIGHTS, "{}"), ".pth"),
                              (("publish", "--quiet", WEIGHTS, "{}"), "/"),
                              (("fetch", "--quiet", WEIGHTS, "{}"), ".pth"),
                              (("fetch", "--quiet", WEIGHTS.with_suffix(".json"), "{}"), "")):
            good = self.each_length(*words, ending=ending)
            self.assertEqual([name for name in self.left() if name.endswith("tmp")], [], words)
            self.assertTrue(0 < good < len(LENGTHS), (words, good))

    def test_figures(self):
        for words in (("explore", "--quiet", "--data", self.data, "--out", "{}"),
                      ("compare", *NATIVE, "--data", self.data, "--out", "{}", WEIGHTS, WEIGHTS),
                      ("report", *NATIVE, "--data", self.data, "--out", "{}"),
                      ("evaluate", *NATIVE, "--data", self.data, "--out", "{}")):
            good = self.each_length(*words)
            self.assertTrue(0 < good < len(LENGTHS), (words, good))
            self.left()


if __name__ == "__main__":
    unittest.main()
