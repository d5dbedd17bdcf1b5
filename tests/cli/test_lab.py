"""digit explore, evaluate --out, compare, report and predict --bars: what they say and what they draw."""
import array
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import unittest
import zipfile

from pictures import Page, png, svg
from tool import DATA, DIGITS, SOURCE, WEIGHTS, ToolTest, at_terminal, need_data, run

sys.path.insert(0, str(SOURCE / "tests"))
import preparing  # noqa: E402

setUpModule = need_data


def rows(path):
    """Blocks of rows of a .tsv as gnuplot sees them."""
    blocks = [[]]
    for line in path.read_text().splitlines():
        if not line and blocks[-1]:
            blocks.append([])
        elif line and not line.startswith("#"):
            blocks[-1].append(line.split("\t"))
    return [block for block in blocks if block]


def worse_model(path):
    """The shipped weights with noise on those of the last layer, and no card."""
    dice = random.Random(5)
    with zipfile.ZipFile(WEIGHTS) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.file_size == 4 * 10 * 128:
                numbers = array.array("f", body)
                body = array.array("f", [x + dice.gauss(0, 0.12) for x in numbers]).tobytes()
            new.writestr(entry, body)


class Lab(ToolTest):
    def check_figure(self, folder, name):
        """Both pictures are whole and of one shape, and their script draws them again. Gives the texts."""
        width, height, lines = png(folder / f"{name}.png")
        self.assertGreater(len(set(lines)), 20, "hardly anything is drawn")
        across, down, texts = svg((folder / f"{name}.svg").read_text())
        self.assertEqual((width, height), (2 * across, 2 * down))
        for x in (0, width - 1):
            self.assertEqual({line[x] for line in lines}, {255}, "something is cut off at the sides")
        for y in (0, -1):
            self.assertEqual(set(lines[y]), {255}, "something is cut off at the top or the bottom")
        before = (folder / f"{name}.png").read_bytes()
        (folder / f"{name}.png").unlink()
        subprocess.run(["gnuplot", "-d", f"{name}.gp"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        self.assertEqual((folder / f"{name}.png").read_bytes(), before)
        return texts


class Explore(Lab):
    def test_says_what_is_there(self):
        said = self.ok("explore", "--data", DATA)
        self.assertIn("60000 x 28 x 28  uint8 (0..255)", said)
        self.assertNotIn("\033", said)
        counts = [tuple(map(int, c)) for c in re.findall(r"(?m)^ {4}(\d) +(\d+) [^\d]+(\d+) ", said)]
        labels = {}
        for split, name in enumerate(("train", "t10k")):
            labels[split] = (DATA / f"{name}-labels-idx1-ubyte").read_bytes()[8:]
        self.assertEqual(counts, [(d, labels[0].count(d), labels[1].count(d)) for d in range(10)])
        # What everybody who normalises MNIST uses.
        self.assertRegex(said, r"(?m)^train .* 0\.1307 +0\.3081$")
        self.assertIn("0 within train, 0 within test, 0 of test are in train", said)

    def test_one_picture_in_the_terminal_and_as_png(self):
        out = self.folder / "out"
        said = self.ok("explore", "--data", DATA, "--seed", "7", "--out", out)
        index, label = map(int, re.search(r"training image (\d+), a (\d)", said).groups())
        self.assertEqual((DATA / "train-labels-idx1-ubyte").read_bytes()[8 + index], label)
        width, height, lines = png(out / "picture.png")
        self.assertEqual((width, height), (280, 280))
        pixels = (DATA / "train-images-idx3-ubyte").read_bytes()[16 + 784 * index :][:784]
        self.assertEqual(b"".join(line[::10] for line in lines[::10]), pixels)
        drawn = said.split("\n")[-15:-1]
        self.assertEqual({len(line) for line in drawn}, {28})
        for y, line in enumerate(drawn):
            want = "".join(
                " ▀▄█"[(pixels[56 * y + x] >= 96) + 2 * (pixels[56 * y + 28 + x] >= 96)] for x in range(28)
            )
            self.assertEqual(line, want)
        self.assertEqual(said, self.ok("explore", "--data", DATA, "--seed", "7"))
        self.assertNotEqual(said, self.ok("explore", "--data", DATA, "--seed", "8"))

    def test_figures(self):
        self.ok("explore", "--data", DATA, "--out", self.folder)
        texts = self.check_figure(self.folder, "samples")
        self.assertEqual([t for t in texts if t.isdigit()], [str(d) for d in range(10)])
        blocks = rows(self.folder / "samples-pixels.tsv")
        self.assertEqual(len(blocks), 80)
        self.assertTrue(all(len(b) == 28 and {len(r) for r in b} == {28} for b in blocks))
        self.check_figure(self.folder, "means")
        mean = rows(self.folder / "means-pixels.tsv")
        labels = (DATA / "train-labels-idx1-ubyte").read_bytes()[8:]
        images = (DATA / "train-images-idx3-ubyte").read_bytes()[16:]
        middle = [images[784 * i + 14 * 28 + 14] for i, label in enumerate(labels) if label == 1]
        self.assertEqual(int(mean[1][14][14]), round(sum(middle) / len(middle)))


    def test_equal_pictures_and_digits_that_are_missing(self):
        ones = [(1, bytes(783) + bytes([i])) for i in (1, 2, 2, 3, 3)]
        preparing.write_mnist(self.folder, ones, ones[3:] + ones[3:] + [(1, bytes(784))])
        said = self.ok("explore", "--data", self.folder, "--out", self.folder / "out")
        self.assertIn("2 within train, 3 within test, 4 of test are in train", said)
        self.check_figure(self.folder / "out", "samples")


class Evaluate(Lab):
    def test_writes_everything(self):
        out = self.folder / "new"
        said = json.loads(self.ok("evaluate", "--data", DATA, "--json", "--quiet", "--out", out))
        self.assertEqual(said, json.loads((out / "evaluation.json").read_text()))
        self.check_numbers(said, rows(out / "answers.tsv")[0])
        self.check_matrix(out, said)
        self.check_bins(out, said)
        texts = self.check_figure(out, "mistakes")
        for mistake in said["mistakes"][:3]:
            sure = 100 * mistake["confidence"]
            self.assertIn(f"{mistake['digit']} → {mistake['prediction']}  {sure:.0f}%", texts)
        self.check_figure(out, "predictions")
        for name in ("confusion", "reliability", "mistakes", "predictions"):
            for ending in (".gp", ".tsv"):
                self.assertTrue((out / (name + ending)).exists())

    def check_numbers(self, said, answers):
        self.assertEqual(len(answers), 10000)
        self.assertEqual(sum(a[1] == a[2] for a in answers), said["correct"])
        low, high = said["accuracy_interval"]
        self.assertTrue(0.98 < low < said["accuracy"] < high < 1)
        wrong = sorted((float(a[4]), int(a[0])) for a in answers if a[1] != a[2])
        self.assertEqual([m["index"] for m in said["mistakes"]], [index for _, index in wrong[:40]])

    def check_matrix(self, out, said):
        cells, classes = rows(out / "confusion.tsv")
        self.assertEqual([[int(n) for _, _, n in cells[10 * d : 10 * d + 10]] for d in range(10)], said["confusion"])
        self.assertEqual(sum(int(n) for _, _, n in cells), said["images"])
        self.assertEqual(len(classes), 10)
        texts = self.check_figure(out, "confusion")
        drawn = sorted(int(t) for t in texts if t.isdigit())
        shown = [n for row in said["confusion"] for n in row if n] + 2 * list(range(10))
        self.assertEqual(drawn, sorted(shown))

    def check_bins(self, out, said):
        bins = said["calibration"]["bins"]
        self.assertEqual(len(bins), 15)
        self.assertEqual(sum(b["images"] for b in bins), said["images"])
        self.assertEqual(sum(b["correct"] for b in bins), said["correct"])
        error = sum(abs(b["correct"] - b["images"] * b["confidence"]) for b in bins) / said["images"]
        self.assertAlmostEqual(said["calibration"]["error"], error, places=12)
        drawn = rows(out / "reliability.tsv")[0]
        self.assertEqual([int(r[2]) for r in drawn], [b["images"] for b in bins if b["images"]])
        for low, high, _, confidence, accuracy, interval_low, interval_high in (map(float, r) for r in drawn):
            self.assertTrue(low < confidence <= high)
            self.assertTrue(interval_low <= accuracy <= interval_high)
        self.check_figure(out, "reliability")

    def test_without_gnuplot(self):
        said = run("evaluate", "--data", DATA, "--limit", "200", "--quiet", "--out", self.folder, env={"PATH": "/"})
        self.assertEqual(said.returncode, 1)
        self.assertIn("gnuplot is not installed", said.stderr.decode())
        self.assertEqual(said.stderr.count(b"\n"), 1)

    def test_gnuplot_that_fails(self):
        """What it says is shown in part, and no picture in part is left."""
        program = self.folder / "bin" / "gnuplot"
        program.parent.mkdir()
        out = self.folder / "out"
        for script, said in (("printf '\\n  no memory %0500d\\n' 7; exit 1", "cannot draw .*: no memory 0{100,}$"),
                             ("kill -9 $$", "cannot draw .*: $"),
                             ("echo '<svg/>' > ${2%.gp}.svg", "is not what gnuplot 5.4 and 6 write$"),
                             ("true", "cannot open '.*svg'")):
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
            done = run("evaluate", "--data", DATA, "--limit", "200", "--quiet", "--out", out,
                       env={"PATH": f"{program.parent}:{os.environ['PATH']}"})
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.decode(), said)
            self.assertEqual(done.stderr.count(b"\n"), 1)
            self.assertEqual([path for path in out.iterdir() if path.suffix in (".svg", ".png")], [])

    def test_folder_that_cannot_be(self):
        self.fails(1, "cannot make the folder 'no/such'", "evaluate", "--data", DATA, "--out", "no/such")
        (self.folder / "file").write_text("")
        self.fails(1, "is there and is no folder", "evaluate", "--data", DATA, "--out", self.folder / "file")


class Compare(Lab):
    def test_two_models(self):
        other = self.folder / "other.pth"
        worse_model(other)
        out = self.folder / "out"
        words = ("compare", WEIGHTS, other, "--data", DATA, "--quiet")
        said = json.loads(self.ok(*words, "--json", "--out", out))
        self.assertEqual(said, json.loads((out / "comparison.json").read_text()))
        both, first, second, neither = (said[k] for k in ("both_right", "only_first", "only_second", "both_wrong"))
        self.assertEqual(both + first + second + neither, 10000)
        self.assertEqual([m["correct"] for m in said["models"]], [both + first, both + second])
        self.assertLess(said["agreed"], 10000)
        test = said["mcnemar"]
        self.assertEqual(test["test"], "chi-square" if first + second >= 25 else "exact")
        self.assertAlmostEqual(test["statistic"], (abs(first - second) - 1) ** 2 / (first + second), places=9)
        texts = self.check_figure(out, "differences")
        self.assertIn("Where cnn_mnist and other differ", texts)
        text = self.ok(*words)
        self.assertIn("by chi-square with continuity correction", text)
        self.assertIn(f"only A      {first}\n", text)
        self.assertIn("A is better" if test["p"] < 0.05 else "no difference", text)

    def test_few_differences_are_tested_exactly(self):
        other = self.folder / "other.pth"
        worse_model(other)
        text = self.ok("compare", WEIGHTS, other, "--data", DATA, "--quiet", "--limit", "100")
        self.assertIn("by the exact binomial test", text)

    def test_a_model_and_itself(self):
        out = self.folder / "out"
        text = self.ok("compare", WEIGHTS, WEIGHTS, "--data", DATA, "--quiet", "--out", out)
        self.assertIn("agreement   100.00% (0 answers differ)", text)
        self.assertIn("p = 1, by the exact binomial test", text)
        self.assertEqual(os.listdir(out), ["comparison.json"])

    def test_two_are_needed(self):
        self.fails(1, "two models can be compared, not 1", "compare", WEIGHTS)
        self.fails(1, "two models can be compared, not 3", "compare", WEIGHTS, WEIGHTS, WEIGHTS)


class Report(Lab):
    LOG = [
        {"epoch": e, "step": 938 * e, "loss": 0.3 / e, "accuracy": 1 - 0.05 / e, "validation_loss": 0.1 / e + 0.02,
         "validation_accuracy": 0.99 - 0.02 / e, "learning_rate": 1e-3, "images_per_second": 4000, "seconds": 15.0 * e}
        for e in range(1, 6)
    ]

    def report(self, lines):
        log = self.folder / "log.jsonl"
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        out = self.folder / "out"
        said = self.ok("report", "--data", DATA, "--limit", "1000", "--quiet", "--log", log, "--out", out)
        self.assertRegex(said, r"report\.html: accuracy 9\d\.\d\d%, with the curves")
        return out

    def test_one_page_holds_all(self):
        out = self.report(self.LOG)
        text = (out / "report.html").read_text()
        page = Page(text)
        outside = re.search(r"(?i)https?:|//|<script|<link|@import|url\(", text)
        self.assertIsNone(outside, outside)
        self.assertIn("prefers-color-scheme: dark", text)
        self.assertEqual(len(page.pictures), 5)
        names = ("curves", "confusion", "reliability", "predictions", "mistakes")
        for picture, name in zip(page.pictures, names):
            svg(picture)
            self.assertIn("prefers-color-scheme: dark", picture)
            self.assertEqual(picture, (out / f"{name}.svg").read_text())
        words = " ".join(page.words)
        digest = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
        self.assertIn(digest, words)
        self.assertIn("421,642", words)
        self.assertIn("5 epochs in 75.0 s.", words)

    def test_curves(self):
        out = self.report(self.LOG)
        drawn = rows(out / "curves.tsv")[0]
        self.assertEqual([[float(x) for x in row[:4]] for row in drawn],
                         [[float(f"{line[k]:.9g}") for k in ("epoch", "loss", "accuracy", "validation_loss")] for line in self.LOG])
        texts = self.check_figure(out, "curves")
        self.assertEqual(texts.count("validation"), 2)
        for epoch in "12345":
            self.assertIn(epoch, texts)

    def test_short_and_long_logs(self):
        """One epoch, without validation; many epochs, some lines without figures."""
        plain = [{k: line[k] for k in ("epoch", "loss", "accuracy")} for line in self.LOG]
        texts = self.check_figure(self.report(plain[:1]), "curves")
        self.assertNotIn("validation", texts)
        long = [{"epoch": 20 * e, "loss": 2.0 / e, "accuracy": 1 - 0.9 / e} for e in range(1, 21)]
        texts = self.check_figure(self.report(long + [{"epoch": 401}]), "curves")
        self.assertIn("400", texts)

    def test_logs_without_a_loss(self):
        """What cannot be drawn is left out: a perfect run's loss of 0, and lines that are no epochs."""
        lines = [{"epoch": 1, "loss": 0, "accuracy": 1}, {"epoch": "2"}, {"note": "x"},
                 {"epoch": 3, "validation_accuracy": 1.0}]
        self.check_figure(self.report(lines), "curves")

    def test_odd_names(self):
        """A name is text, whatever is in it."""
        model = self.folder / "m.pth"
        shutil.copy(WEIGHTS, model)
        card = {**json.loads(WEIGHTS.with_suffix(".json").read_text()), "tool": "<script>&amp;"}
        model.with_suffix(".json").write_text(json.dumps(card))
        out = self.folder / "out"
        self.ok("report", "--model", model, "--data", DATA, "--limit", "100", "--quiet", "--out", out)
        self.assertIn('"tool": "<script>&amp;"', " ".join(Page((out / "report.html").read_text()).words))

    def test_without_a_mistake(self):
        """Of five images there is none to be shown."""
        out = self.folder / "out"
        self.ok("report", "--data", DATA, "--limit", "5", "--quiet", "--out", out)
        self.assertFalse((out / "mistakes.svg").exists())
        self.assertEqual(len(Page((out / "report.html").read_text()).pictures), 3)

    def test_without_a_log(self):
        out = self.folder / "out"
        self.assertIn("without curves", self.ok("report", "--data", DATA, "--limit", "1000", "--quiet", "--out", out))
        self.assertEqual(len(Page((out / "report.html").read_text()).pictures), 4)
        self.fails(1, "cannot open 'no.jsonl'", "report", "--data", DATA, "--log", "no.jsonl", "--out", out)
        (self.folder / "bad.jsonl").write_text("{\n")
        self.fails(1, "bad.jsonl: line 1 is not JSON", "report", "--data", DATA, "--out", out,
                   "--log", self.folder / "bad.jsonl")


def on_a_terminal(*words, **env):
    """What `digit words...` writes to a terminal that has colours."""
    status, said = at_terminal(*words, env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"},
                                            "TERM": "xterm-256color", **env})
    assert status == 0, said
    return said.replace("\r\n", "\n")


class Bars(ToolTest):
    def test_bars(self):
        first, *lines = self.ok("predict", "--bars", DIGITS / "7.png").splitlines()
        self.assertRegex(first, r"7\.png: 7 \(\d+\.\d%\)$")
        self.assertEqual(len(lines), 14)
        bars = [re.search(r"   (\d) ([█▏▎▍▌▋▊▉ ]{32}) +(\d+\.\d)%$", line) for line in lines[2:12]]
        self.assertEqual([int(b[1]) for b in bars], list(range(10)))
        self.assertAlmostEqual(sum(float(b[3]) for b in bars), 100, delta=0.6)
        self.assertEqual(max(bars, key=lambda b: b[2].count("█"))[1], "7")

    def test_json_stays_json(self):
        json.loads(self.ok("predict", "--bars", "--json", DIGITS / "7.png"))
        json.loads(on_a_terminal("predict", "--json", DIGITS / "7.png"))

    def test_colours_only_where_they_are_welcome(self):
        plain = self.ok("predict", "--bars", DIGITS / "3.png")
        self.assertNotIn("\033", plain)
        coloured = on_a_terminal("predict", DIGITS / "3.png")
        self.assertIn("\033[38;5;", coloured)
        self.assertEqual(on_a_terminal("predict", DIGITS / "3.png", NO_COLOR="1"), plain)
        self.assertEqual(on_a_terminal("predict", DIGITS / "3.png", TERM="dumb"), plain)
        self.assertNotEqual(on_a_terminal("predict", DIGITS / "3.png", NO_COLOR=""), plain)


if __name__ == "__main__":
    unittest.main()
