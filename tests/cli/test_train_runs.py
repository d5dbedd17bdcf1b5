"""digit train as a laboratory: optimisers, validation, the log, and runs that go on where they ended."""
import hashlib
import json
import os
import signal
import subprocess
import unittest

from tool import PROGRAM, SOURCE, ToolTest, part_of_data

PART = part_of_data({"train": 2300, "t10k": 500})

# Everything that keeps a state of its own from one step to the next.
EVERYTHING = ["--network", "lenet", "--optimizer", "adamw", "--weight-decay", "0.01", "--average", "0.95", "--schedule",
              "one-cycle", "--warm-up", "0.3", "--learning-rate", "0.003", "--label-smoothing", "0.1",
              "--rotation", "10", "--elastic", "1", "--noise", "0.05", "--validation", "300",
              "--keep", "loss"]  # fmt: skip


class Runs(ToolTest):
    def words(self, name, *more):
        return ["train", "--data", PART, "--threads", "1", "--out", self.folder / name,
                "--log", self.folder / f"{name}.jsonl", *more]  # fmt: skip

    def train(self, name, *more):
        return self.ok(*self.words(name, "--quiet", *more))

    def log(self, name):
        text = (self.folder / f"{name}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def card(self, name):
        return json.loads((self.folder / name).with_suffix(".json").read_bytes())

    def sha256(self, name):
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()

    def interrupt(self, name, *more, after=1):
        """Starts a run and ends it by Ctrl-C, as soon as it has told so many lines."""
        words = [PROGRAM, *map(str, self.words(name, *more))]
        with subprocess.Popen(
            words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=SOURCE
        ) as process:
            for _ in range(after):
                self.assertIn(b"epoch", process.stderr.readline())
            os.kill(process.pid, signal.SIGINT)
            said = process.stderr.read().decode()
            self.assertEqual(process.wait(60), 130, said)
        self.assertIn("--resume auto goes on", said)

    # ---- optimisers

    def test_each_optimizer_learns(self):
        for words in (
            ["--optimizer", "adam"],
            ["--optimizer", "adam", "--weight-decay", "1e-4"],
            ["--optimizer", "adamw", "--weight-decay", "0.01"],
            ["--optimizer", "sgd", "--learning-rate", "0.1"],
            ["--optimizer", "sgd", "--learning-rate", "0.02", "--momentum", "0.9"],
            ["--optimizer", "sgd", "--learning-rate", "0.02", "--momentum", "0.9", "--nesterov"],
            ["--average", "0.9"],
            ["--label-smoothing", "0.1"],
            ["--schedule", "cosine", "--warm-up", "0.1", "--learning-rate", "0.003"],
        ):
            with self.subTest(words=words):
                self.train("x.pth", "--limit", "2000", "--epochs", "2", *words)
                first, last = self.log("x.pth")
                self.assertLess(last["loss"], first["loss"] * 0.9)
                self.assertGreater(self.card("x.pth")["test"]["accuracy"], 0.4)

    def test_a_batch_larger_than_a_part_is_one_step(self):
        # 600 images go through the network in three parts, and the whole set in as many as it needs.
        for batch, steps in ("600", 2), ("1000000", 1):
            self.train("x.pth", "--limit", "1200", "--epochs", "1", "--batch", batch)
            (line,) = self.log("x.pth")
            self.assertEqual(line["step"], steps)

    # ---- validation

    def test_the_log_has_a_line_for_each_epoch(self):
        self.train("x.pth", "--epochs", "3", "--validation", "300", "--schedule", "step",
                   "--step-epochs", "2")  # fmt: skip
        lines = self.log("x.pth")
        self.assertEqual([line["epoch"] for line in lines], [1, 2, 3])
        self.assertEqual([line["step"] for line in lines], [32, 64, 96])
        self.assertEqual([line["learning_rate"] for line in lines], [0.001, 0.001, 0.0001])
        for line in lines:
            self.assertGreater(line["images_per_second"], 0)
            self.assertLess(0, line["validation_accuracy"])
            self.assertEqual(round(line["validation_accuracy"] * 300, 3) % 1, 0)
        self.assertLess(lines[0]["seconds"], lines[2]["seconds"])
        card = self.card("x.pth")
        self.assertEqual(card["training"]["images"], 2000)
        self.assertEqual(card["validation"]["images"], 300)
        self.assertAlmostEqual(card["validation"]["loss"], lines[2]["validation_loss"], delta=1e-6)
        self.train("x.pth", "--epochs", "1", "--limit", "640")
        (line,) = self.log("x.pth")
        self.assertNotIn("validation_loss", line)

    def test_keeps_the_best_and_ends_early(self):
        # At the end of so steep a fall nothing gets better any more; steps this large do not learn.
        said = self.train("x.pth", "--limit", "1300", "--validation", "300", "--epochs", "50",
                          "--keep", "accuracy", "--patience", "2", "--optimizer", "sgd",
                          "--learning-rate", "0.05", "--schedule", "step", "--step-epochs", "4",
                          "--step-factor", "1e-9")  # fmt: skip
        lines, card = self.log("x.pth"), self.card("x.pth")
        self.assertLess(len(lines), 50)
        best = max(lines, key=lambda line: (line["validation_accuracy"], -line["validation_loss"]))
        self.assertEqual(len(lines), best["epoch"] + 2)
        self.assertEqual(card["training"]["epochs"], len(lines))
        self.assertEqual(card["training"]["kept_epoch"], best["epoch"])
        self.assertAlmostEqual(card["validation"]["accuracy"], best["validation_accuracy"], delta=1e-8)
        self.assertIn(f"after epoch {best['epoch']}\n", said)

    # ---- settings

    def test_the_card_tells_the_recipe_and_all_settings(self):
        self.train("x.pth", "--recipe", "quick", "--limit", "512", "--epochs", "1")
        training = self.card("x.pth")["training"]
        self.assertEqual(training["recipe"], "quick")
        for word in "--recipe=quick", "--epochs=1", "--batch=256", "--limit=512", "--schedule=one-cycle":
            self.assertIn(word, training["options"].split())
        # What is told there trains the same weights again.
        before = self.sha256("x.pth")
        self.train("again.pth", *training["options"].split())
        self.assertEqual(self.sha256("again.pth"), before)

    def test_settings_that_do_not_go_together(self):
        for text, *words in (
            ("--validation is 1000", "--limit", "1000", "--validation", "1000"),
            ("--keep needs images", "--keep", "loss"),
            ("--patience needs images", "--patience", "3"),
            ("--nesterov needs --optimizer sgd", "--nesterov"),
            ("--nesterov needs --optimizer sgd", "--nesterov", "--optimizer", "sgd"),
            ("together they must be 1 at most", "--plain", "0.5", "--drawn", "0.3", "--others", "0.3"),
            ("--momentum is for --optimizer sgd", "--momentum", "0.9"),
            ("there is no network 'lenin'", "--network", "lenin"),
            ("no/such.pth", "--resume", "no/such.pth"),
        ):
            with self.subTest(words=words):
                self.fails(1, text, "train", "--data", PART, "--out", self.folder, "--quiet", *words)
        self.fails(1, "the log", "train", "--data", PART, "--out", self.folder, "--log", "no/such")
        for text, *words in (
            ("there is no recipe 'soup'", "--recipe", "soup"),
            ("--optimizer is 'lion'; it must be one of adam|adamw|sgd", "--optimizer", "lion"),
            ("--average is '1'", "--average", "1"),
            ("--rotation is '-5'", "--rotation=-5"),
        ):
            with self.subTest(words=words):
                self.fails(2, text, "train", *words)
        self.assertEqual(list(self.folder.iterdir()), [])

    # ---- runs that go on

    def test_goes_on_as_if_it_had_not_been_interrupted(self):
        run = ["--epochs", "4", *EVERYTHING]
        self.train("whole.pth", *run)
        self.interrupt("cut.pth", *run)
        self.interrupt("cut.pth", *run, "--resume", "auto")
        self.assertFalse((self.folder / "cut.pth").exists())
        self.train("cut.pth", *run, "--resume", "auto")
        self.assertEqual(self.sha256("cut.pth"), self.sha256("whole.pth"))
        self.assertFalse((self.folder / "cut.state.pth").exists())
        kept = "epoch", "step", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"
        whole, cut = ([[line[key] for key in kept] for line in self.log(name)]
                      for name in ("whole.pth", "cut.pth"))  # fmt: skip
        self.assertEqual(cut, whole)

    def test_goes_on_after_a_crash(self):
        run = ["--epochs", "4", "--optimizer", "sgd", "--momentum", "0.9", "--save-every", "0"]
        self.train("whole.pth", *run)
        words = [PROGRAM, *map(str, self.words("cut.pth", *run))]
        with subprocess.Popen(
            words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=SOURCE
        ) as process:
            for _ in range(3):
                process.stderr.readline()
            process.kill()
        state = self.folder / "cut.state.pth"
        self.assertTrue(state.exists())
        # Lines that were written after the last save are written again, not twice.
        with open(self.folder / "cut.pth.jsonl", "a", encoding="utf-8") as log:
            log.write('{"epoch": 99}\n')
        self.train("cut.pth", *run, "--resume", state)
        self.assertEqual(self.sha256("cut.pth"), self.sha256("whole.pth"))
        self.assertEqual([line["epoch"] for line in self.log("cut.pth")], [1, 2, 3, 4])

    def test_a_state_is_of_one_run_only(self):
        run = ["--epochs", "100", "--limit", "640"]
        self.interrupt("cut.pth", *run)
        state = self.folder / "cut.state.pth"
        self.fails(1, "is of another run; say its settings again: --epochs=100 --limit=640", "train",
                   "--data", PART, "--threads", "1", "--out", self.folder / "x.pth",
                   "--resume", state, "--limit", "640")  # fmt: skip
        weights = self.folder / "cut.interrupted.pth"
        self.fails(1, "is not the state of a training run", *self.words("x.pth", *run),
                   "--resume", weights)  # fmt: skip

    def test_without_a_state_auto_begins(self):
        self.train("x.pth", "--limit", "640", "--epochs", "1", "--resume", "auto")
        self.assertEqual(len(self.log("x.pth")), 1)


if __name__ == "__main__":
    unittest.main()
