"""Models to be told apart, made from the shipped one without training: variant k says of every
picture the digit k further on, for its last layer's rows are turned by k."""

import hashlib
import io
import json
import os
import shutil
import struct
import zipfile
from pathlib import Path

CLASSES = 10
TURNED = ("/data/6", "/data/7")  # fc2.weight and fc2.bias in the shipped file


class Variant:
    """The bytes of a model's two files. With `softmax` its network has one layer more, which
    changes no answer; with `huge` its last layer overflows."""

    def __init__(self, weights, turn, softmax=False, huge=False):
        self.turn = turn
        self.weights = self._turned(Path(weights).read_bytes(), turn, huge)
        card = json.loads(Path(weights).with_suffix(".json").read_text())
        card["sha256"] = hashlib.sha256(self.weights).hexdigest()
        self.version = card["version"] = card["sha256"][:12]
        self.name = card["name"] = f"turned_{turn}"
        if softmax:
            card["network"] = {"name": "other",
                               "layers": [*card["network"]["layers"], {"kind": "softmax"}]}
        self.card = json.dumps(card).encode()

    @staticmethod
    def _turned(file, turn, huge):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(file)) as source, zipfile.ZipFile(out, "w") as target:
            for entry in source.infolist():
                data = source.read(entry)
                if entry.filename.endswith(TURNED):
                    cut = len(data) // CLASSES * (CLASSES - turn)
                    data = data[cut:] + data[:cut]
                    if huge:
                        data = struct.pack("<f", 3e38) * (len(data) // 4)
                target.writestr(zipfile.ZipInfo(entry.filename), data)
        return out.getvalue()

    def put(self, path):
        """Puts the model at a path, each file at once whole, the card last."""
        replace(path, self.weights)
        replace(Path(path).with_suffix(".json"), self.card)


def replace(path, content):
    """Puts a file in the place of another, or a folder; None leaves nothing there."""
    path = Path(path)
    if path.is_dir():
        shutil.rmtree(path)
    if content is None:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    os.replace(fresh, path)
