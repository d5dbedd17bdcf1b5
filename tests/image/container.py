"""Images built by the project's own script and run as any engine would run them: by runc, from the
image's configuration, with a read-only root, no capability, and limits of memory and processes."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "http"))

from support import SKIPPED, Failure  # noqa: E402

TAG = "digitd-test"
MEMORY = 64 << 20
NAMESPACES = ("pid", "ipc", "uts", "mount")  # the network stays this machine's: tests use its loopback
CAPABILITIES = ("bounding", "effective", "permitted", "inheritable", "ambient")


def run(*command, **options):
    return subprocess.run([*map(str, command)], check=True, text=True, stdout=subprocess.PIPE,
                          **options).stdout.strip()


def require():
    """Skips the test where images can be neither made nor run."""
    missing = [name for name in ("buildah", "debootstrap", "runc") if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        print(f"skipped: {', '.join(missing)} is not there" if missing else
              "skipped: containers are run by root alone here")
        sys.exit(SKIPPED)
    if subprocess.run(["buildah", "info"], capture_output=True, check=False).returncode != 0:
        os.environ["STORAGE_DRIVER"] = "vfs"


def build(image, *flags, tag=TAG, tree=ROOT):
    """Builds an image of the tree; gives the name under which it is kept."""
    done = subprocess.run([tree / "docker" / "image.sh", "--tag", tag, *flags, image],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 69:
        print("skipped: a minimal Debian could not be fetched")
        sys.exit(SKIPPED)
    if done.returncode != 0:
        raise Failure(f"the image {image} cannot be built:\n{done.stdout[-6000:]}")
    names = [line for line in done.stdout.splitlines() if line.startswith("image: built ")]
    return names[-1].split()[2]


def described(image):
    """What an image says of itself: its configuration, and the digests of its layers."""
    found = json.loads(run("buildah", "inspect", "--type", "image", image))
    return found["Docker"], found


class Mounted:
    """The root file system of an image, read-only in spirit."""

    def __init__(self, image):
        self.image = image

    def __enter__(self):
        self.container = run("buildah", "from", "--pull-never", self.image)
        return Path(run("buildah", "mount", self.container))

    def __exit__(self, *_):
        run("buildah", "umount", self.container)
        run("buildah", "rm", self.container)


class Container:
    """A container of a mounted image, from `with` to the end of its block."""

    def __init__(self, image, root, folder, arguments=(), memory=MEMORY, command=None, mounts=None):
        config = described(image)[0]["config"]
        user, group = map(int, config["User"].split(":"))
        self.name = f"digitd-test-{uuid.uuid4().hex[:12]}"
        self.log = Path(folder, f"{self.name}.log")
        self.bundle = Path(folder, self.name)
        self.bundle.mkdir()
        spec = {
            "ociVersion": "1.0.2",
            "process": {
                "user": {"uid": user, "gid": group},
                "args": [*(command or config["Entrypoint"]), *map(str, arguments)],
                "env": [*config["Env"], "DIGITD_HOST=127.0.0.1"],
                "cwd": "/",
                "capabilities": {kind: [] for kind in CAPABILITIES},
                "noNewPrivileges": True,
            },
            "root": {"path": str(root), "readonly": True},
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                *({"destination": inside, "source": str(outside), "options": ["bind"]}
                  for inside, outside in (mounts or {}).items()),
            ],
            "linux": {
                "namespaces": [{"type": kind} for kind in NAMESPACES],
                "resources": {"memory": {"limit": memory}, "pids": {"limit": 64}},
            },
        }
        (self.bundle / "config.json").write_text(json.dumps(spec))

    def __enter__(self):
        self.output = self.log.open("wb")
        self.started = time.monotonic()
        self.process = subprocess.Popen(["runc", "run", "--bundle", self.bundle, self.name],
                                        stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=subprocess.STDOUT)
        return self

    def said(self):
        return self.log.read_text(errors="replace")

    def pid(self):
        """The number that its first process has outside."""
        return json.loads(run("runc", "state", self.name))["pid"]

    def execute(self, *command):
        return subprocess.run(["runc", "exec", self.name, *command], capture_output=True, text=True,
                              check=False)

    def stop(self, signal, seconds=30):
        """Sends a signal to its first process; gives the exit status."""
        run("runc", "kill", self.name, signal)
        return self.process.wait(seconds)

    def __exit__(self, *_):
        if self.process.poll() is None:
            subprocess.run(["runc", "delete", "--force", self.name], check=False)
            self.process.wait()
        self.output.close()
