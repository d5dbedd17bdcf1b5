"""Our .pth files and PyTorch's are the same: read there what was written here, and back, bit for bit.

usage: test_checkpoint.py STATE_DICT_DUMP
"""

import collections
import io
import os
import random
import subprocess
import sys
import tempfile
import unittest
import zipfile

import torch
from torch import nn

DUMP = sys.argv.pop(1)


class Net(nn.Module):
    """The network `cnn`, as a PyTorch user would write it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.fc1 = nn.Linear(3136, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x)


def set_records(path, records):
    """Writes an archive anew with these records, in place of those of the same name."""
    with zipfile.ZipFile(path) as old:
        content = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in {**content, **records}.items():
            new.writestr(name, data)


def run(*args):
    return subprocess.run([DUMP, *args], capture_output=True, text=True, check=False)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "a.pth")
        self.copy = os.path.join(folder.name, "b.pth")
        torch.manual_seed(1)

    def read_here(self, path=None):
        """The tensors as our reader sees them: name -> (shape, float32 bytes)."""
        done = run(path or self.path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        tensors = collections.OrderedDict()
        for line in done.stdout.splitlines():
            name, shape, data = line.split(" ")
            shape = tuple(int(n) for n in shape.split("x")) if shape else ()
            tensors[name] = (shape, bytes.fromhex(data))
        return tensors

    def expect(self, state):
        """Our reader finds exactly these tensors in self.path."""
        got = self.read_here()
        self.assertEqual(list(got), list(state))
        for name, tensor in state.items():
            shape, data = got[name]
            self.assertEqual(shape, tuple(tensor.shape), name)
            self.assertEqual(data, tensor.detach().float().contiguous().numpy().tobytes(), name)

    def expect_refused(self, *words):
        done = run(self.path)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1)
        for word in words:
            self.assertIn(word, done.stderr)


class Read(Case):
    def test_a_real_state_dict(self):
        state = Net().state_dict()
        torch.save(state, self.path)
        self.expect(state)

    def test_every_pickle_protocol(self):
        state = Tiny().state_dict()
        for protocol in (2, 3, 4, 5):
            with self.subTest(protocol=protocol):
                torch.save(state, self.path, pickle_protocol=protocol)
                self.expect(state)

    def test_many_tensors_need_long_memo_indices(self):
        state = nn.Sequential(*(nn.Linear(2, 2) for _ in range(100))).state_dict()
        for protocol in (2, 4):
            torch.save(state, self.path, pickle_protocol=protocol)
            self.expect(state)

    def test_a_plain_dict_and_parameters(self):
        torch.save(dict(Tiny().state_dict()), self.path)
        self.expect(torch.load(self.path))
        parameters = dict(Tiny().named_parameters())
        torch.save(parameters, self.path)
        self.expect(parameters)

    def test_other_element_types_are_converted(self):
        numbers = torch.cat([torch.randn(1000), torch.tensor([0.0, -0.0, 1e-7, 6e-8, -3e-5, 65504])])
        for dtype in (torch.float16, torch.bfloat16, torch.float64):
            with self.subTest(dtype=dtype):
                state = {"x": numbers.to(dtype).reshape(2, -1)}
                torch.save(state, self.path)
                self.expect(state)

    def test_every_finite_float16(self):
        bits = torch.arange(-(2**15), 2**15).to(torch.int16)
        halves = bits.view(torch.float16)
        state = {"x": halves[torch.isfinite(halves)]}
        torch.save(state, self.path)
        self.expect(state)

    def test_views_are_gathered(self):
        base = torch.randn(6, 5, 4, 3)
        state = {
            "transposed": base[0, 0].t(),
            "permuted": base.permute(3, 1, 0, 2),
            "sliced": base[1:5:2, ::2, 1, 2],
            "scalar": base[5, 4, 3, 2],
            "last": base[5:],
            "expanded": torch.randn(1, 4).expand(3, 4),
            "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        }
        torch.save(state, self.path)
        self.expect(state)

    def test_shared_storage(self):
        base = torch.randn(8, 8)
        state = {"whole": base, "row": base[3], "column": base[:, 3], "again": base}
        torch.save(state, self.path)
        self.expect(state)

    def test_records_of_newer_versions(self):
        state = Tiny().state_dict()
        torch.save(state, self.path)
        set_records(self.path, {"a/byteorder": "little", "a/.format_version": "1",
                                "a/.storage_alignment": "64",
                                "a/.data/serialization_id": "0" * 40})
        self.expect(state)


class Write(Case):
    def write_here(self, state):
        torch.save(state, self.path)
        done = run(self.path, self.copy)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return torch.load(self.copy, weights_only=True)

    def test_python_loads_it_into_the_same_module(self):
        net = Net()
        back = self.write_here(net.state_dict())
        self.assertIs(type(back), collections.OrderedDict)
        other = Net()
        other.load_state_dict(back, strict=True)
        for name, tensor in net.state_dict().items():
            self.assertTrue(torch.equal(tensor, other.state_dict()[name]), name)
            self.assertTrue(back[name].is_contiguous())
        x = torch.randn(4, 1, 28, 28)
        self.assertTrue(torch.equal(net(x), other(x)))

    def test_it_reads_its_own(self):
        state = Tiny().state_dict()
        self.write_here(state)
        self.path = self.copy
        self.expect(state)

    def test_the_same_tensors_give_the_same_bytes(self):
        state = Tiny().state_dict()
        self.write_here(state)
        with open(self.copy, "rb") as file:
            first = file.read()
        self.assertEqual(run(self.copy, self.path).returncode, 0)
        with open(self.path, "rb") as file:
            self.assertEqual(file.read(), first)
        for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
            environment = {**os.environ, "TZ": zone}
            subprocess.run([DUMP, self.copy, self.path], check=True, env=environment)
            with open(self.path, "rb") as file:
                self.assertEqual(file.read(), first)

    def test_the_archive_is_as_torch_saves_it(self):
        self.write_here(Net().state_dict())
        with zipfile.ZipFile(self.copy) as archive:
            self.assertIsNone(archive.testzip())
            names = [f"data/{i}" for i in range(8)]
            self.assertEqual(
                archive.namelist(),
                ["archive/" + name for name in ["data.pkl", "byteorder", *names, "version"]],
            )
            with open(self.copy, "rb") as file:
                for entry in archive.infolist():
                    file.seek(entry.header_offset + 26)
                    lens = file.read(4)
                    start = entry.header_offset + 30 + sum(
                        int.from_bytes(lens[i : i + 2], "little") for i in (0, 2)
                    )
                    self.assertEqual(start % 64, 0, entry.filename)


class Refuse(Case):
    def test_other_things_that_torch_saves(self):
        module = Tiny()
        adam = torch.optim.Adam(module.parameters())
        cases = (
            (module, "__main__.Tiny", "state_dict()"),
            ({"epoch": 3, "model": module.state_dict(), "optim": adam.state_dict()}, "'epoch'"),
            ({"model": module.state_dict(), "loss": 0.5}, "'model'", "dict", "by itself"),
            (torch.randn(3), "single tensor"),
            ([torch.randn(3)], "list"),
            ({}, "no tensors"),
            ({"x": torch.tensor([1, 2])}, "'x'", "LongStorage"),
            ({"x": torch.empty(0)}, "'x'", "empty"),
            ({"x": torch.randn(1, 1, 1, 1, 1)}, "'x'", "5 dimensions"),
            ({"x": torch.tensor([1.0, float("nan")])}, "'x'", "not finite"),
            ({"x": torch.tensor([1e300], dtype=torch.float64)}, "'x'", "not finite"),
            ({"x" * 64: torch.randn(2)}, "name"),
            ({1: torch.randn(2)}, "name"),
            ({"x": torch.randn(1).expand(10000)}, "more elements"),
            ({"x": torch.randn(2).numpy()}, "numpy"),
            ({str(i): torch.randn(1) for i in range(300)}, "more than 256"),
        )
        for value, *words in cases:
            with self.subTest(words=words):
                torch.save(value, self.path)
                self.expect_refused(*words)

    def test_torchscript(self):
        torch.jit.script(Tiny()).save(self.path)
        self.expect_refused("TorchScript", "state_dict()")

    def test_the_legacy_format(self):
        torch.save(Tiny().state_dict(), self.path, _use_new_zipfile_serialization=False)
        self.expect_refused("before 1.6")

    def test_another_byte_order(self):
        torch.save(Tiny().state_dict(), self.path)
        set_records(self.path, {"a/byteorder": "big"})
        self.expect_refused("big-endian")

    def test_compressed_records(self):
        torch.save(Tiny().state_dict(), self.path)
        with zipfile.ZipFile(self.path) as old:
            records = [(name, old.read(name)) for name in old.namelist()]
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as new:
            for name, data in records:
                new.writestr(name, data)
        self.expect_refused("compressed", "torch.save")

    def test_a_file_cut_off_anywhere(self):
        torch.save(Tiny().state_dict(), self.path)
        with open(self.path, "rb") as file:
            whole = file.read()
        for keep in (0, 1, 3, 4, 30, 100, len(whole) // 2, len(whole) - 1):
            with self.subTest(keep=keep):
                with open(self.path, "wb") as file:
                    file.write(whole[:keep])
                self.expect_refused()

    def test_no_flipped_bit_in_a_record_goes_unseen(self):
        buffer = io.BytesIO()
        torch.save(Tiny().state_dict(), buffer)
        whole = buffer.getvalue()
        at = [whole.index(b"\x80\x02c"), whole.index(b"OrderedDict")]
        with zipfile.ZipFile(buffer) as archive:
            weights = archive.read("archive/data/0")
        at += [whole.index(weights) + random.Random(1).randrange(len(weights)) for _ in range(8)]
        for position in at:
            with self.subTest(position=position):
                flipped = bytearray(whole)
                flipped[position] ^= 4
                with open(self.path, "wb") as file:
                    file.write(flipped)
                self.expect_refused("damaged")


if __name__ == "__main__":
    unittest.main(verbosity=0)
