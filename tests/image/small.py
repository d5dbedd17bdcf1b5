"""The image of the server: what is in it, what it may do, and that it does its work.

    small.py
"""

import base64
import http.client
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

import bill
import container
from container import ROOT, Container, Failure, Mounted

SIZE_MAX = 40 << 20
PICTURE = ROOT / "tests" / "pictures" / "seven.png"
SHELLS = ("sh", "bash", "dash", "busybox", "python3", "perl")


def free_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def ask(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content


def wait_for(port, running, seconds=30):
    """The milliseconds from the container's start to its first answer."""
    while time.monotonic() < running.started + seconds:
        try:
            if ask(port, "GET", "/readyz")[0] == 200:
                return 1000 * (time.monotonic() - running.started)
        except OSError:
            time.sleep(0.002)
    raise Failure(f"the container does not answer; it says:\n{running.said()}")


def check_prediction(port):
    body = json.dumps({"image": base64.b64encode(PICTURE.read_bytes()).decode()})
    status, answer = ask(port, "POST", "/predict", body, {"Content-Type": "application/json"})
    if status != 200 or json.loads(answer)["prediction"] != 7:
        raise Failure(f"the answer to a seven is {status}: {answer}")


def check_configuration(image):
    found = container.described(image)[0]["config"]
    for key, value in (("User", "65532:65532"), ("StopSignal", "SIGTERM"),
                       ("ExposedPorts", {"8080/tcp": {}}), ("Entrypoint", ["/usr/bin/digitd"])):
        if found[key] != value:
            raise Failure(f"{key} is {found[key]}, not {value}")
    if found["Healthcheck"]["Test"] != ["CMD", "/usr/bin/digitd", "--check"]:
        raise Failure(f"the health check is {found['Healthcheck']}")
    for label in ("title", "description", "licenses", "revision"):
        if not found["Labels"].get(f"org.opencontainers.image.{label}"):
            raise Failure(f"the image has no label {label}")


def check_files(root):
    """Nothing but what is needed, and nothing that its user could change. Gives the bytes of all."""
    size = 0
    for path in root.rglob("*"):
        place, status = "/" + str(path.relative_to(root)), path.lstat()
        size += status.st_size if path.is_file() and not path.is_symlink() else 0
        if place == "/cache":
            if (status.st_uid, status.st_gid) != (65532, 65532):
                raise Failure("the user may not write to /cache")
        elif status.st_uid != 0 or (status.st_mode & 0o6002 and place != "/tmp" and not path.is_symlink()):
            raise Failure(f"{place} is of user {status.st_uid} with mode {status.st_mode:o}")
        if path.name in SHELLS and not path.is_dir():
            raise Failure(f"there is a {path.name} in the image")
    if size > SIZE_MAX:
        raise Failure(f"the image has {size / 2**20:.1f} MiB; at most {SIZE_MAX >> 20}")
    return size


def check_limits(running):
    """What the kernel holds it to, and that it lives with that."""
    pid = running.pid()
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                  if ":\t" in line)
    for key, value in (("Uid", "65532\t" * 3 + "65532"), ("CapEff", "0" * 16), ("CapBnd", "0" * 16),
                       ("NoNewPrivs", "1")):
        if status[key] != value:
            raise Failure(f"{key} is {status[key]}")
    for place in ("usr/bin/digitd", "cache/model.pth", "tmp/file"):
        try:
            Path(f"/proc/{pid}/root", place).open("ab").close()
        except OSError:
            continue
        raise Failure(f"/{place} could be written")


def check_container(image, root, folder):
    port = free_port()
    with Container(image, root, folder, ["--port", port]) as running:
        ready = wait_for(port, running)
        check_prediction(port)
        check_limits(running)
        for path in ("/", "/docs", "/metrics", "/openapi.json"):
            if ask(port, "GET", path)[0] != 200:
                raise Failure(f"{path} is not answered")
        if (asked := running.execute("/usr/bin/digitd", "--check", "--port", str(port))).returncode != 0:
            raise Failure(f"the health check fails: {asked.stderr}")
        if running.execute("/usr/bin/digitd", "--check", "--port", "1").returncode != 1:
            raise Failure("the health check does not fail")
        status = running.stop(signal.SIGTERM.name)
        if status != 0 or "stopping" not in running.said():
            raise Failure(f"SIGTERM ends it with {status}; it says:\n{running.said()}")
    return ready


def check_store(image, root, folder, mounts, reason):
    """A store that is down, or no folder for what comes out of it: it waits, and says for what."""
    port = free_port()
    with Container(image, root, folder, ["--port", port, "--model", "webhdfs://127.0.0.1:1/m.pth"],
                   mounts=mounts) as running:
        status, said = 0, b""
        while (status != 503 or reason not in said) and time.monotonic() < running.started + 30:
            time.sleep(0.02)
            try:
                status, said = ask(port, "GET", "/readyz")
            except ConnectionError:
                continue
        if status != 503 or reason not in said:
            raise Failure(f"/readyz says {status}: {said}")
        if running.execute("/usr/bin/digitd", "--check", "--port", str(port)).returncode != 1:
            raise Failure("it is said to be ready")
        running.stop(signal.SIGTERM.name)


def main():
    container.require()
    image = container.build("digitd")
    check_configuration(image)
    with Mounted(image) as root, tempfile.TemporaryDirectory() as folder:
        size = check_files(root)
        packages = bill.check(root)
        ready = min(check_container(image, root, folder) for _ in range(3))
        check_store(image, root, folder, {}, b"Read-only file system")
        cache = Path(folder, "cache")
        cache.mkdir()
        cache.chmod(0o777)
        check_store(image, root, folder, {"/cache": cache}, b"127.0.0.1:1")
    print(f"small: {size / 1e6:.1f} MB of {packages} packages, ready {ready:.0f} ms after runc began")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"small: {failure}")
