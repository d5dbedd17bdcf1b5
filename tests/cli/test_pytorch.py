"""The same arithmetic as PyTorch in Python: first weights and answers. Leaves with 77 without it."""
import json
import struct
import sys
import unittest
import zlib

from tool import DATA, DIGITS, WEIGHTS, ToolTest, need_data

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit(77)

setUpModule = need_data


def module():
    """The network `cnn` as a PyTorch user would write it."""
    net = nn.Module()
    net.conv1 = nn.Conv2d(1, 32, 3, padding=1)
    net.conv2 = nn.Conv2d(32, 64, 3, padding=1)
    net.fc1 = nn.Linear(64 * 7 * 7, 128)
    net.fc2 = nn.Linear(128, 10)
    return net


def forward(net, x):
    x = nn.functional.max_pool2d(nn.functional.relu(net.conv1(x)), 2)
    x = nn.functional.max_pool2d(nn.functional.relu(net.conv2(x)), 2)
    x = nn.functional.relu(net.fc1(torch.flatten(x, 1)))
    return torch.softmax(net.fc2(x), 1)


def pixels(path):
    """Of a PNG as tests/data/make_digits.py writes it: one IDAT, no filter."""
    png = path.read_bytes()
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    rows = zlib.decompress(png[at + 4 : at + 4 + length])
    flat = b"".join(rows[y * 29 + 1 : (y + 1) * 29] for y in range(28))
    return torch.tensor(list(flat), dtype=torch.float32).reshape(1, 28, 28) / 255


class PyTorch(ToolTest):
    def test_a_seed_means_the_same_first_weights(self):
        # A step this small changes nothing: what is written is what training started from.
        out = self.folder / "first.pth"
        self.ok("train", "--data", DATA, "--limit", "1", "--epochs", "1", "--seed", "5", "--quiet",
                "--learning-rate", "1e-38", "--out", out)
        torch.manual_seed(5)
        want = module().state_dict()
        got = torch.load(out)
        self.assertEqual(list(got), list(want))
        for name in want:
            self.assertTrue(torch.equal(got[name], want[name]), name)

    def test_answers_are_the_same(self):
        paths = [DIGITS / f"{digit}.png" for digit in range(10)]
        net = module()
        net.load_state_dict(torch.load(WEIGHTS))
        with torch.no_grad():
            want = forward(net, torch.stack([pixels(path) for path in paths]))
        lines = self.ok("predict", "--engine", "torch", "--json", *paths).splitlines()
        got = torch.tensor([json.loads(line)["probabilities"] for line in lines])
        self.assertLess((got - want).abs().max().item(), 1e-5)


if __name__ == "__main__":
    unittest.main()
