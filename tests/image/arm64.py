"""The image for 64-bit ARM, built here, recognises a digit under an emulator.

    arm64.py
"""

import shutil
import sys

import container
from container import ROOT, Failure, Mounted
from small import check_prediction

sys.path.insert(0, str(ROOT / "tests" / "http"))

from support import SKIPPED, Server  # noqa: E402


def main():
    container.require()
    emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if emulator is None:
        print("skipped: there is no qemu-user")
        return SKIPPED
    image = container.build("digitd", "--arch", "arm64")
    architecture = container.described(image)[1]["OCIv1"]["architecture"]
    if architecture != "arm64":
        raise Failure(f"the image says that it is for {architecture}")
    with Mounted(image) as root:
        model = root / "usr/share/digit/cnn_mnist.pth"
        with Server([emulator, "-L", root, root / "usr/bin/digitd", "--model", model],
                    stop_seconds=60) as server:
            check_prediction(server.port)
            said = server.output().splitlines()[0]
    print(f"arm64: a seven is a seven; it said: {said}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"arm64: {failure}")
