"""The same arithmetic as PyTorch in Python: first weights and answers. Leaves with 77 without it."""
import json
import re
import struct
import sys
import unittest
import zlib

from order import seeded_for
from tool import DIGITS, WEIGHTS, ToolTest, part_of_data, run

try:
    import torch
    from torch.nn import functional as F

    from modules import MODULES, Cnn
except ImportError:
    sys.exit(77)

PART = part_of_data({"train": 128, "t10k": 1000})


def pixels(path):
    """Of a PNG as tests/data/make_digits.py writes it: one IDAT, no filter."""
    png = path.read_bytes()
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    rows = zlib.decompress(png[at + 4 : at + 4 + length])
    flat = b"".join(rows[y * 29 + 1 : (y + 1) * 29] for y in range(28))
    return torch.tensor(list(flat), dtype=torch.float32).reshape(1, 28, 28) / 255


def images(split, count):
    """The first pictures of a split and their labels."""
    files = [PART / f"{split}-{name}-ubyte" for name in ("images-idx3", "labels-idx1")]
    x, y = (torch.tensor(list(path.read_bytes()[skip:])) for path, skip in zip(files, (16, 8)))
    return x.reshape(-1, 1, 28, 28)[:count] / 255, y[:count]


def losses(module, x, y):
    """Before each of five steps of Adam."""
    torch.manual_seed(5)
    net = module()
    adam = torch.optim.Adam(net.parameters(), lr=0.001)
    found = []
    for step in range(5):
        torch.manual_seed(seeded_for(5, step, 0).next())  # as the trainer does, for dropout
        adam.zero_grad()
        loss = F.nll_loss(net.probabilities(x).log(), y)
        loss.backward()
        adam.step()
        found.append(loss.item())
    return found


class PyTorch(ToolTest):
    def train(self, network, *more):
        """Two steps, and what PyTorch reads of their weights."""
        out = self.folder / f"{network}.pth"
        self.ok("train", "--data", PART, "--epochs", "1", "--quiet",
                "--network", network, "--out", out, *more)
        return out, torch.load(out, weights_only=True)

    def check_answers(self, net, weights):
        """Both engines answer as the module does."""
        paths = [DIGITS / f"{digit}.png" for digit in range(10)]
        with torch.no_grad():
            want = net.eval().probabilities(torch.stack([pixels(path) for path in paths]))
        for engine in "native", "torch":
            lines = self.ok("predict", "--engine", engine, "--model", weights, "--json", *paths)
            got = torch.tensor([json.loads(line)["probabilities"] for line in lines.splitlines()])
            self.assertLess((got - want).abs().max().item(), 1e-5)

    def test_a_seed_means_the_same_first_weights(self):
        for network, module in MODULES.items():
            with self.subTest(network=network):
                # Steps this small change nothing: what is written is what training started from.
                _, got = self.train(network, "--seed", "5", "--learning-rate", "1e-38")
                torch.manual_seed(5)
                want = module().state_dict()
                self.assertEqual(list(got), list(want))
                for name in want:
                    self.assertTrue(torch.equal(got[name], want[name]), name)

    def test_what_is_trained_here_runs_there(self):
        for network, module in MODULES.items():
            with self.subTest(network=network):
                path, weights = self.train(network)
                net = module()
                net.load_state_dict(weights)
                self.check_answers(net, path)

    def test_what_is_trained_there_runs_here(self):
        """Without a card: the network that fits is found."""
        for network, module in MODULES.items():
            with self.subTest(network=network):
                torch.manual_seed(1)
                net = module()
                path = self.folder / f"{network}.pth"
                torch.save(net.state_dict(), path)
                self.check_answers(net, path)
                said = self.ok("evaluate", "--data", PART, "--limit", "10", "--quiet", "--model", path)
                self.assertIn(f"({network}, ", said)

    def test_the_shipped_weights(self):
        net = Cnn()
        net.load_state_dict(torch.load(WEIGHTS, weights_only=True))
        self.check_answers(net, WEIGHTS)

    def test_the_loss_is_that_of_pytorch(self):
        """Negative log-likelihood, whichever way the network ends; no dropout outside training."""
        x, y = images("t10k", 1000)
        for network, module in MODULES.items():
            with self.subTest(network=network):
                path, weights = self.train(network)
                net = module().eval()
                net.load_state_dict(weights)
                with torch.no_grad():
                    want = F.nll_loss(net.probabilities(x).log(), y).item()
                found = json.loads(self.ok("evaluate", "--data", PART, "--json", "--quiet", "--model", path))
                self.assertAlmostEqual(found["loss"], want, delta=1e-5)

    def test_steps_are_those_of_pytorch(self):
        """The loss before each of five steps on one batch. Where there is dropout the batch is one
        image, because the order of images in a batch is our own."""
        torch.set_num_threads(1)
        for network, count in ("cnn", 64), ("lenet", 1), ("mlp", 64):
            with self.subTest(network=network):
                done = run("train", "--data", PART, "--network", network, "--limit", count,
                           "--batch", "64", "--epochs", "5", "--seed", "5", "--threads", "1",
                           "--learning-rate", "0.001", "--out", self.folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                got = re.findall(r"epoch \d/5  loss (\d+\.\d+)", done.stderr.decode())
                want = losses(MODULES[network], *images("train", count))
                self.assertEqual(len(got), 5, done.stderr)
                for a, b in zip(got, want):
                    self.assertAlmostEqual(float(a), b, delta=2e-4)


if __name__ == "__main__":
    unittest.main()
