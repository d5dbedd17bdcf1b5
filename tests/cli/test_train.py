"""digit train, on a part of MNIST: what it writes, that it repeats itself, how it is stopped."""
import hashlib
import json
import os
import signal
import subprocess
import unittest

from tool import PROGRAM, SOURCE, ToolTest, part_of_data, run

PART = part_of_data({"train": 1920, "t10k": 1000})
SHORT = ["--data", PART, "--limit", "640", "--epochs", "1", "--threads", "1", "--quiet"]
DATED = {"SOURCE_DATE_EPOCH": "86400"}


class Train(ToolTest):
    def train(self, name, *more):
        """A short run; gives the bytes of the weights and of the card."""
        path = self.folder / name
        self.ok("train", *SHORT, "--out", path, *more, env=DATED)
        return path.read_bytes(), path.with_suffix(".json").read_bytes()

    def test_writes_a_model_and_its_card(self):
        weights, card = self.train("small.pth", "--limit", "0", "--seed", "7")
        card = json.loads(card)
        sha256 = hashlib.sha256(weights).hexdigest()
        self.assertEqual(card["name"], "small")
        self.assertEqual(card["sha256"], sha256)
        self.assertEqual(card["version"], sha256[:12])
        self.assertEqual(card["date"], "1970-01-02")
        self.assertEqual(card["training"]["seed"], 7)
        self.assertEqual(card["training"]["threads"], 1)
        self.assertEqual(card["training"]["batch"], 64)
        self.assertIn("libtorch", card["training"]["library"])
        self.assertEqual(len(card["data"]), 4)
        for name, want in card["data"].items():
            self.assertEqual(hashlib.sha256((PART / name).read_bytes()).hexdigest(), want)
        self.assertEqual(card["test"]["images"], 1000)
        # Ten times better than guessing is too much to ask of 30 steps; five times is not.
        self.assertGreater(card["test"]["accuracy"], 0.5)

        found = json.loads(
            self.ok("evaluate", "--data", PART, "--model", self.folder / "small.pth", "--json", "--quiet")
        )
        self.assertAlmostEqual(found["accuracy"], card["test"]["accuracy"], delta=2e-3)
        self.assertAlmostEqual(found["loss"], card["test"]["loss"], delta=1e-4)

    def hashes(self, name, seed):
        # Not the bytes: unittest would try to show how two files of a megabyte differ.
        return [hashlib.sha256(b).hexdigest() for b in self.train(name, "--seed", seed)]

    def test_same_seed_same_bytes(self):
        (self.folder / "again").mkdir()
        first = self.hashes("a.pth", "3")
        self.assertEqual(first, self.hashes("again/a.pth", "3"))
        self.assertNotEqual(first[0], self.hashes("a.pth", "4")[0])

    def test_a_folder_as_output(self):
        self.ok("train", *SHORT, "--out", self.folder)
        names = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(names, ["cnn_mnist.json", "cnn_mnist.pth"])

    def test_names_of_outputs(self):
        self.ok("train", *SHORT, "--out", f"{self.folder}/", env=DATED)
        self.assertTrue((self.folder / "cnn_mnist.pth").exists())
        for dots in 2100, 2043:  # of the second the weights' own name would fit, but that of the state does not
            self.fails(1, "the name of the output is too long", "train", *SHORT, "--out", dots * "./" + "x.pth")

    def test_publishes_what_it_saved(self):
        """Each URL is tried; what failed is told with the command for later."""
        (self.folder / "file").write_text("no folder")
        copies = [self.folder / "a" / "x.pth", self.folder / "b" / "y.pth"]
        done = run("train", *SHORT, "--out", self.folder / "m.pth", "--publish", copies[0],
                   "--publish", f"{self.folder}/file/it's.pth", "--publish", copies[1])
        said = done.stderr.decode()
        self.assertEqual(done.returncode, 3, said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertRegex(said, "^digit: saved here, but not published to .*: cannot write .*; "
                               f"later: digit publish {self.folder}/m.pth '{self.folder}/file/it'")
        for copy in copies:
            self.assertEqual(copy.read_bytes(), (self.folder / "m.pth").read_bytes())
            self.assertIn(f"{copy}: published\n", done.stdout.decode())

    def test_progress_goes_to_stderr(self):
        words = [word for word in SHORT if word != "--quiet"]
        done = run("train", *words, "--out", self.folder / "x.pth")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(
            done.stderr.decode(),
            r"100%  epoch 1/1  loss \d+\.\d+  accuracy \d+\.\d\d%  \d+ images/s  \d+:\d\d left\n",
        )
        self.assertRegex(done.stdout.decode(), r"x\.pth: accuracy \d+\.\d\d%, loss .* on 1000 test")

    def test_interrupt_saves_what_there_is(self):
        out = self.folder / "long.pth"
        words = ["train", "--data", PART, "--limit", "640", "--epochs", "10000", "--threads", "1"]
        with subprocess.Popen(
            [PROGRAM, *words, "--out", out], stderr=subprocess.PIPE, stdout=subprocess.PIPE, cwd=SOURCE
        ) as process:
            self.assertIn(b"epoch 1/10000", process.stderr.readline())
            os.kill(process.pid, signal.SIGINT)
            said = process.stderr.read().decode()
            self.assertEqual(process.wait(60), 130, said)
        self.assertRegex(said, r"digit: interrupted after \d+ of 10000 epochs and \d+ images; saved .*/long\.interrupted\.pth; .*--resume auto goes on\n$")
        names = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(names, ["long.interrupted.json", "long.interrupted.pth", "long.state.pth"])
        self.ok("evaluate", "--data", PART, "--limit", "100", "--quiet",
                "--model", self.folder / "long.interrupted.pth")

    def test_says_what_is_wrong_before_it_works(self):
        self.fails(1, "there is no network 'abacus'", "train", *SHORT, "--network", "abacus")
        self.fails(1, "--out is 'here.txt'; it must be", "train", *SHORT, "--out", "here.txt")
        self.fails(1, "--publish is 'x'; it must end in NAME.pth or in a slash", "train", *SHORT,
                   "--out", self.folder, "--publish", "x")
        self.fails(1, "nothing can be written in '/no/such'", "train", *SHORT, "--out", "/no/such/x.pth")
        self.fails(1, "run ./dev data", "train", "--data", self.folder, "--out", self.folder)
        self.fails(1, "there is no device 'abacus'", "train", *SHORT, "--device", "abacus",
                   "--out", self.folder)
        for date in "x", "1 ", "", 20 * "9", 17 * "9":  # whoever trains for an hour is told at once
            self.fails(1, "out of range" if len(date) == 17 else "must be a whole number", "train", "--data", PART,
                       "--epochs", "100000", "--out", self.folder, env={"SOURCE_DATE_EPOCH": date})
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_without_its_plug_in(self):
        alone = self.alone()
        other = self.folder / "lib" / "digit" / "digit_trainer_torch.so"
        other.parent.mkdir(parents=True)
        words = ("train", *SHORT, "--out", self.folder)
        self.fails(1, "training needs libtorch", *words, program=alone)
        other.write_text("no plug-in")
        self.fails(1, "training needs libtorch", *words, program=alone)

    def test_a_log_that_is_no_file(self):
        self.ok("train", *SHORT, "--out", self.folder, "--log", "/dev/null")
        self.fails(1, "the log cannot be written", "train", *SHORT, "--out", self.folder, "--log", "/dev/full")

    def test_a_loss_that_explodes_is_an_error(self):
        self.fails(1, "lower --learning-rate", "train", *SHORT, "--learning-rate", "1e30",
                   "--out", self.folder)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
