"""Loading and unloading a real digitd's model: what changes, what stays, and who is told.

    repository.py DIGITD WEIGHTS [FLAGS...]
"""

import json
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from support import Failure, Server, request

REPOSITORY = "/v2/repository/models/{}/{}"
PICTURE = Path(__file__).resolve().parents[1] / "pictures" / "seven.png"


def ask(server, method, target, body=b"", content_type=None):
    with server.connect() as connection:
        return request(connection, method, target, body, content_type)


def order(server, what, name="m"):
    return ask(server, "POST", REPOSITORY.format(name, what))


def expect(response, status, text=""):
    if response.status != status or text not in response.body.decode():
        raise Failure(f"{response.status} {response.body.decode()}, not {status} and '{text}'")
    return response


def predicts(server, status, text=""):
    expect(ask(server, "POST", "/predict", PICTURE.read_bytes(), "image/png"), status, text)


def publish(weights, folder):
    """A model called m; gives its weights' path."""
    path = folder / "m.pth"
    shutil.copy(weights, path)
    card = json.loads(Path(weights).with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, "name": "m"}))
    return path


def check_bad_load(server, path):
    """What cannot be served is refused in words, and the old model stays."""
    good = path.read_bytes()
    path.write_bytes(good[:1000])
    answer = expect(order(server, "load"), 500)
    if set(json.loads(answer.body)) != {"error"} or str(path) not in answer.body.decode():
        raise Failure(f"a load that failed says {answer.body}")
    predicts(server, 200, '"prediction":7')
    path.write_bytes(good)
    expect(order(server, "load"), 200)


def check_unloaded(server):
    """Until the load, nothing brings the model back: no time that passes, no SIGHUP."""
    expect(order(server, "unload"), 200)
    expect(order(server, "unload"), 200)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("the model stays unloaded")
    time.sleep(2.5)  # --model-poll 1
    predicts(server, 503, "/v2/repository/models/m/load")
    for path in ("/readyz", "/health", "/model", "/v2/health/ready", "/v2/models/m/ready",
                 "/v2/models/m/versions/1/ready", "/v1/models"):
        if expect(ask(server, "GET", path), 503, "unloaded").headers["Retry-After"] is None:
            raise Failure(f"{path} has no Retry-After")
    for path in "/livez", "/v2/health/live", "/v2":
        expect(ask(server, "GET", path), 200)
    expect(ask(server, "GET", "/v2/models/other"), 404, "there is 'm'")
    expect(order(server, "load"), 200)
    predicts(server, 200, '"prediction":7')


def check_bad_load_when_unloaded(server, path):
    good = path.read_bytes()
    expect(order(server, "unload"), 200)
    path.write_bytes(b"no weights")
    expect(order(server, "load"), 500)
    predicts(server, 503, "there is no model yet")
    path.write_bytes(good)
    expect(order(server, "load"), 200)
    predicts(server, 200, '"prediction":7')


def check_many(server):
    """Orders that come together are all answered, and the last word counts."""
    statuses = []
    threads = [threading.Thread(target=lambda what=what: statuses.append(order(server, what).status))
               for what in ("load", "unload") * 20]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if statuses != [200] * len(threads):
        raise Failure(f"orders get {statuses}")
    expect(order(server, "load"), 200)
    predicts(server, 200, '"prediction":7')


def main():
    digitd, weights, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = publish(weights, Path(folder))
        command = [digitd, "--model", path, "--model-poll", "1"]
        with Server(command, flags) as server:
            expect(order(server, "unload"), 403, "--model-unload 1")
            expect(order(server, "load"), 200)
            expect(order(server, "load", "other"), 404)
        with Server(command, ["--model-unload", "1", *flags]) as server:
            check_bad_load(server, path)
            check_unloaded(server)
            check_bad_load_when_unloaded(server, path)
            check_many(server)
            expect(order(server, "unload"), 200)  # and it stops cleanly without a model


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
