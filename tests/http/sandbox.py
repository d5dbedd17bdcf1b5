"""What the process may do once it serves, and as whom; and that nothing it needs is missing.

    sandbox.py DIGITD WEIGHTS [FLAGS]
"""

import grp
import json
import os
import pwd
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from support import SKIPPED, Failure, Server, make_certificate, request

ROOT = Path(__file__).resolve().parents[2]
PICTURE = (ROOT / "tests" / "data" / "digits" / "7.png").read_bytes()
SECRET = "a-key-that-nobody-is-to-read"


def check(good, *what):
    if not good:
        raise Failure(" ".join(map(str, what)))


def statuses(pid):
    """Of each thread."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield dict(re.findall(r"^(\w+):\s*(.*)$", (task / "status").read_text(), re.MULTILINE))


def predict(connection):
    answer = request(connection, "POST", "/predict", PICTURE, "image/png")
    check(answer.status == 200 and json.loads(answer.body)["prediction"] == 7, answer.status, answer.body)


def reload(server, before=0):
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("serving", before)


def check_confined(digitd, weights, flags):
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.pth"
        shutil.copy(weights, model)
        shutil.copy(Path(weights).with_suffix(".json"), model.with_suffix(".json"))
        with Server([digitd, "--model", model, "--sandbox", 1, "--access-log", 1], flags) as server:
            pid = server.process.pid
            for status in statuses(pid):
                check(status["Seccomp"] == "2" and status["NoNewPrivs"] == "1", status)
            check("1                    1" in Path(f"/proc/{pid}/limits").read_text(), "core files")
            with server.connect() as connection:
                predict(connection)
                reload(server, len(server.lines))
                predict(connection)
                metrics = request(connection, "GET", "/metrics").body.decode()
                check(re.search(r"^process_open_fds [1-9]", metrics, re.MULTILINE), "metrics")


def check_off(digitd, weights):
    with Server([digitd, "--model", weights, "--sandbox", 0]) as server:
        check(all(status["Seccomp"] == "0" for status in statuses(server.process.pid)), "it is on")


def check_user_refused(command, why, **start):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **start)
    check(done.returncode == 1 and why in done.stderr and done.stderr.count("\n") == 1, done)


def check_user(digitd, weights):
    if os.getuid() != 0:
        print("sandbox: not root, so --user is not tried")
        return
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        keys.write_text(f"me {SECRET}\n")
        keys.chmod(0o600)
        with Server([digitd, "--model", weights, "--user", "nobody", "--api-key-file", keys]) as server:
            for status in statuses(server.process.pid):
                check(set(status["Uid"].split()) == {str(nobody.pw_uid)}, status["Uid"])
                check(set(status["Gid"].split()) == {str(nobody.pw_gid)}, status["Gid"])
                check(set(status["Groups"].split()) <= {str(nobody.pw_gid)}, status["Groups"])
                check(status["CapEff"].strip("0") == "", status["CapEff"])
            with server.connect() as connection:
                check(request(connection, "GET", "/model").status == 401, "keys")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("the API keys stay what they were")
    for user, uid, group in (("nobody:daemon", nobody.pw_uid, "daemon"), ("root:daemon", 0, "daemon")):
        with Server([digitd, "--model", weights, "--user", user]) as server:
            for status in statuses(server.process.pid):
                check(set(status["Uid"].split()) == {str(uid)}, user, status["Uid"])
                check(set(status["Gid"].split()) == {str(grp.getgrnam(group).gr_gid)}, user, status["Gid"])
    for user, why in (("no-such-user", "there is no user"), ("a" * 100, "there is no user"),
                      ("nobody:no-such-group", "there is no group"), ("", "there is no user ''")):
        check_user_refused([digitd, "--port", "0", "--model", weights, "--user", user], why)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        command = [shutil.copy(digitd, folder), "--port", "0", "--model", shutil.copy(weights, folder)]
        check_user_refused([*command, "--user", "daemon"], "cannot go on as 'daemon': Operation not permitted",
                           user="nobody", group="nogroup", extra_groups=[])


def check_secrets(digitd, weights):
    """Whatever goes wrong, no line of the log tells a key or a token."""
    with tempfile.TemporaryDirectory() as folder:
        keys, token = Path(folder) / "keys", Path(folder) / "token"
        keys.write_text(f"me {SECRET}\n")
        token.write_text(SECRET)
        for form in ("text", "json"):
            with Server([digitd, "--model", "hdfs://127.0.0.1:1/model.pth", "--cache", folder, "--hdfs-token-file",
                         token, "--api-key-file", keys, "--log-format", form, "--access-log", 1]) as server:
                with server.connect() as connection:
                    for field in (f"Authorization: Bearer {SECRET}", f"X-API-Key: {SECRET}",
                                  f"Authorization: Basic {SECRET}", f"X-API-Key: {SECRET}x"):
                        connection.sendall(f"GET /model?key={SECRET} HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n"
                                           .encode())
                        connection.recv(65536)
                keys.write_text(f"me {SECRET} and more\n")
                server.process.send_signal(signal.SIGHUP)
                server.wait_for("the API keys stay what they were")
                keys.write_text(f"me {SECRET}\n")
            check(SECRET not in server.output(), server.output())


def check_tls(digitd, weights):
    with tempfile.TemporaryDirectory() as folder:
        cert, key = make_certificate(Path(folder), "test")
        context = ssl.create_default_context(cafile=cert)
        with Server([digitd, "--model", weights, "--sandbox", 1, "--tls-cert", cert,
                     "--tls-key", key]) as server:
            for _ in range(2):
                with context.wrap_socket(server.connect(), server_hostname=server.host) as connection:
                    predict(connection)
                reload(server, len(server.lines))


def main():
    digitd, weights, *flags = sys.argv[1:]
    try:
        check_confined(digitd, weights, flags)
    except Failure as failure:
        if "does not take a filter" not in str(failure):
            raise
        print(f"sandbox: skipped: {failure}")
        return SKIPPED
    check_off(digitd, weights)
    check_user(digitd, weights)
    check_secrets(digitd, weights)
    check_tls(digitd, weights)
    print("sandbox: all that serving takes can be done, and nothing more")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"sandbox: {failure}")
