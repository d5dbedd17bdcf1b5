"""Training takes the same steps as torch.optim in Python: same first weights, same order, and after
some steps nearly the same weights. Leaves with 77 without PyTorch."""
import sys
import unittest

from order import Random
from tool import ToolTest, part_of_data

try:
    import torch

    from modules import Cnn
except ImportError:
    sys.exit(77)

COUNT, BATCH, SEED = 640, 64, 3
PART = part_of_data({"train": COUNT, "t10k": 100})


def data():
    images = (PART / "train-images-idx3-ubyte").read_bytes()[16:]
    labels = (PART / "train-labels-idx1-ubyte").read_bytes()[8:]
    pixels = torch.frombuffer(bytearray(images), dtype=torch.uint8).reshape(-1, 1, 28, 28)
    return pixels / 255, torch.tensor(list(labels))


STEPS = 2 * COUNT // BATCH


def one_cycle(optimizer):
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.003, total_steps=STEPS, cycle_momentum=False
    )


def plain(make_optimizer, make_schedule=None, average=0.0, **loss):
    """Two epochs of it in Python; gives the state dict, of the average if there is one."""
    torch.manual_seed(SEED)
    net, random, order = Cnn(), Random(SEED), list(range(COUNT))
    kept = {name: value.clone() for name, value in net.state_dict().items()}
    optimizer = make_optimizer(net.parameters())
    schedule = make_schedule(optimizer) if make_schedule else None
    pixels, labels = data()
    step = 0
    for _ in range(2):
        random.shuffle(order)
        for start in range(0, COUNT, BATCH):
            batch = torch.tensor(order[start : start + BATCH])
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(pixels[batch]), labels[batch], **loss).backward()
            optimizer.step()
            step += 1
            share = min(average, (1 + step) / (10 + step))
            for name, value in net.state_dict().items():
                kept[name] = share * kept[name] + (1 - share) * value
            if schedule and step < STEPS:
                schedule.step()
    return kept


OPTIM = torch.optim
CASES = {
    "adam": ([], {"make_optimizer": lambda p: OPTIM.Adam(p, lr=1e-3)}),
    "adam, decay": (
        ["--weight-decay", "0.01"],
        {"make_optimizer": lambda p: OPTIM.Adam(p, lr=1e-3, weight_decay=0.01)},
    ),
    "adamw": (
        ["--optimizer", "adamw", "--weight-decay", "0.1"],
        {"make_optimizer": lambda p: OPTIM.AdamW(p, lr=1e-3, weight_decay=0.1)},
    ),
    "sgd": (
        ["--optimizer", "sgd", "--learning-rate", "0.05", "--weight-decay", "0.001"],
        {"make_optimizer": lambda p: OPTIM.SGD(p, lr=0.05, weight_decay=0.001)},
    ),
    "momentum": (
        ["--optimizer", "sgd", "--learning-rate", "0.01", "--momentum", "0.9"],
        {"make_optimizer": lambda p: OPTIM.SGD(p, lr=0.01, momentum=0.9)},
    ),
    "nesterov": (
        ["--optimizer", "sgd", "--learning-rate", "0.01", "--momentum", "0.9", "--nesterov"],
        {"make_optimizer": lambda p: OPTIM.SGD(p, lr=0.01, momentum=0.9, nesterov=True)},
    ),
    "one-cycle": (
        ["--schedule", "one-cycle", "--warm-up", "0.3", "--learning-rate", "0.003"],
        {"make_optimizer": lambda p: OPTIM.Adam(p, lr=1), "make_schedule": one_cycle},
    ),
    "smoothed labels": (
        ["--label-smoothing", "0.1"],
        {"make_optimizer": lambda p: OPTIM.Adam(p, lr=1e-3), "label_smoothing": 0.1},
    ),
    "averaged weights": (
        ["--average", "0.9"],
        {"make_optimizer": lambda p: OPTIM.Adam(p, lr=1e-3), "average": 0.9},
    ),
}


class Training(ToolTest):
    def test_the_steps_are_pytorchs(self):
        torch.set_num_threads(1)
        path = self.folder / "x.pth"
        for name, (words, how) in CASES.items():
            with self.subTest(name):
                self.ok("train", "--data", PART, "--epochs", "2", "--threads", "1", "--seed", SEED,
                        "--quiet", "--out", path, *words)  # fmt: skip
                got, want = torch.load(path), plain(**how)
                torch.manual_seed(SEED)
                first = Cnn().state_dict()
                # Adam divides by what may be nearly nothing: rounding grows there, so it is the
                # whole way that is compared, not every weight of it.
                for key in want:
                    way = (want[key] - first[key]).norm()
                    self.assertLess((got[key] - want[key]).norm() / way, 0.01, key)


if __name__ == "__main__":
    unittest.main()
