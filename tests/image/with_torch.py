"""The image with libtorch: its engine serves, and the tool is there and trains.

    with_torch.py DATA
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import bill
import container
from container import Container, Failure, Mounted
from small import PICTURE, check_prediction, free_port, wait_for

MEMORY = 2 << 30


def check_server(image, root, folder):
    port = free_port()
    with Container(image, root, folder, ["--port", port, "--engine", "torch"],
                   memory=MEMORY) as running:
        wait_for(port, running, 120)
        check_prediction(port)
        if "with libtorch" not in running.said():
            raise Failure(f"it does not serve with libtorch: {running.said()}")
        if running.stop("TERM") != 0:
            raise Failure(f"SIGTERM does not end it well: {running.said()}")


def tool(image, root, folder, mounts, *arguments):
    with Container(image, root, folder, arguments, memory=MEMORY, command=["/usr/bin/digit"],
                   mounts=mounts) as running:
        status = running.process.wait(600)
        if status != 0:
            raise Failure(f"digit {arguments[0]} ends with {status}; it says:\n{running.said()}")
        return running.said()


def check_tool(image, root, folder, data):
    out = Path(folder, "out")
    out.mkdir()
    out.chmod(0o777)
    shutil.copy(PICTURE, out)
    mounts = {"/data": data, "/out": out}
    said = tool(image, root, folder, mounts, "train", "--data", "/data", "--out", "/out", "--recipe",
                "quick", "--epochs", "1")
    if not (out / "cnn_mnist.pth").is_file() or not json.loads((out / "cnn_mnist.json").read_text()):
        raise Failure(f"training leaves no model; it says:\n{said}")
    tool(image, root, folder, mounts, "predict", "--model", "/out/cnn_mnist.pth", "/out/seven.png")


def main():
    data = Path(sys.argv[1])
    container.require()
    image = container.build("torch")
    with Mounted(image) as root, tempfile.TemporaryDirectory() as folder:
        packages = bill.check(root)
        size = sum(path.lstat().st_size for path in root.rglob("*")
                   if path.is_file() and not path.is_symlink())
        check_server(image, root, folder)
        check_tool(image, root, folder, data)
    print(f"torch: {size / 1e6:.0f} MB of {packages} packages; it serves and trains")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"torch: {failure}")
