"""The recipe `quick` as a plain PyTorch script, which ./dev bench train compares `digit train` with.

    train_plain.py DATA THREADS SEED

As quick as such scripts get without leaving PyTorch: no DataLoader and no transforms, but the whole
set as one tensor of floats in memory, shuffled by indexing. (With a DataLoader and torchvision's
transforms, as most tutorials have it, an epoch takes several times as long.) Prints the accuracy on
the test set.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

EPOCHS, BATCH, RATE = 2, 256, 0.006


def load(folder, split):
    images = Path(folder, f"{split}-images-idx3-ubyte").read_bytes()[16:]
    labels = Path(folder, f"{split}-labels-idx1-ubyte").read_bytes()[8:]
    pixels = torch.frombuffer(bytearray(images), dtype=torch.uint8).reshape(-1, 1, 28, 28)
    return pixels / 255, torch.frombuffer(bytearray(labels), dtype=torch.uint8).long()


def network():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(3136, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def train(net, pixels, labels):
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    steps = -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=RATE, total_steps=EPOCHS * steps, cycle_momentum=False
    )
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(labels)).split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            cross_entropy(net(pixels[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()


@torch.no_grad()
def accuracy(net, pixels, labels):
    right = sum(
        (net(x).argmax(1) == y).sum().item() for x, y in zip(pixels.split(250), labels.split(250))
    )
    return right / len(labels)


def main():
    data, threads, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    net = network()
    train(net, *load(data, "train"))
    print(accuracy(net, *load(data, "t10k")))


if __name__ == "__main__":
    main()
