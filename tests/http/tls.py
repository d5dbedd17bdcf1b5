"""HTTPS: what is spoken and what is not, and that the certificate can be replaced under connections
that go on.

    tls.py DIGITD WEIGHTS
"""

import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from support import SKIPPED, Failure, Server, check, make_certificate, request

PICTURE = (Path(__file__).resolve().parents[1] / "pictures" / "seven.png").read_bytes()
CLIENTS = 4


def connect(server, cert, version=None):
    context = ssl.create_default_context(cafile=cert)
    if version is not None:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    return context.wrap_socket(server.connect(), server_hostname=server.host)


def predict(connection):
    response = request(connection, "POST", "/predict", PICTURE, "image/png")
    check(response.status == 200 and b'"prediction":7' in response.body, response.body)


def check_versions(server, cert):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with connect(server, cert, version) as connection:
            predict(connection)
            predict(connection)
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        try:
            with connect(server, cert, version):
                raise Failure(f"{version.name} is spoken")
        except (ssl.SSLError, ConnectionError, ValueError):
            pass


def check_mistakes(server, cert):
    """Clients that do not speak TLS, or go in the middle of it, hurt nobody."""
    with server.connect() as plain:
        plain.sendall(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n")
        check(b"HTTP/1.1 200" not in plain.recv(1000), "plain HTTP is answered")
    for beginning in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 40):
        with server.connect() as half:
            half.sendall(beginning)
    with connect(server, cert) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n")
    with connect(server, cert) as connection:
        check(request(connection, "GET", "/livez").status == 200, "it is not well any more")


def check_large(server, cert):
    """Bodies larger than what TLS carries in one record, in both directions."""
    with connect(server, cert) as connection:
        document = request(connection, "GET", "/openapi.json")
        check(document.status == 200 and len(document.body) > 20000, len(document.body))
        refused = request(connection, "POST", "/predict", b"x" * 300000, "image/png")
        check(refused.status in (415, 422), refused.status)


def work(server, cert, stop, findings):
    with connect(server, cert) as connection:
        while not stop.is_set():
            try:
                predict(connection)
            except (Failure, OSError) as error:
                findings.append(str(error))
                return


def names(connection):
    return dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]


def check_reload(server, served, first, second):
    """Under load, another certificate takes the first one's place; a bad one takes nobody's."""
    stop, findings = threading.Event(), []
    threads = [threading.Thread(target=work, args=(server, first[0], stop, findings))
               for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    with connect(server, first[0]) as old:
        check(names(old) == "first", names(old))
        for source, place in zip(second, served):
            shutil.copy(source, place)
        server.process.send_signal(signal.SIGHUP)
        _, seen = server.wait_for("still serving")
        with connect(server, second[0]) as new:
            check(names(new) == "second", names(new))
            predict(new)
        predict(old)
        served[1].write_text("none")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("the certificate stays what it was: cannot use the certificate", seen)
        with connect(server, second[0]) as new:
            predict(new)
        predict(old)
    stop.set()
    for thread in threads:
        thread.join()
    check(not findings, findings)


def check_files(digitd, weights, first, second):
    start = [digitd, "--model", weights, "--port", "0"]
    for flags, status, reason in (
        (["--tls-cert", first[0]], 1, "--tls-cert and --tls-key go together"),
        (["--tls-key", first[1]], 1, "--tls-cert and --tls-key go together"),
        (["--tls-cert", first[0], "--tls-key", "/nowhere"], 1, "cannot read '/nowhere'"),
        (["--tls-cert", "/nowhere", "--tls-key", first[1]], 1, "cannot read '/nowhere'"),
        (["--tls-cert", first[1], "--tls-key", first[1]], 1, "cannot use the certificate"),
        (["--tls-cert", first[0], "--tls-key", second[1]], 1, "do not match"),
    ):
        done = subprocess.run([*start, *flags], capture_output=True, text=True, check=False,
                              timeout=20)
        check(done.returncode == status and reason in done.stderr and
              done.stderr.count("\n") == 1, done)


def check_limit(digitd, weights, pair):
    """What is beyond the limit is closed, not answered in plain text."""
    with Server([digitd, "--model", weights, "--tls-cert", pair[0], "--tls-key", pair[1],
                 "--connections-max", 1]) as server:
        with connect(server, pair[0]) as connection:
            predict(connection)
            with server.connect() as second:
                try:
                    check(second.recv(100, socket.MSG_WAITALL) == b"", "something was sent")
                except ConnectionResetError:
                    pass


def main():
    digitd, weights = sys.argv[1:]
    if shutil.which("openssl") is None:
        print("skipped: there is no openssl to make certificates with")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = make_certificate(folder, "first"), make_certificate(folder, "second")
        served = [shutil.copy(source, folder / f"served.{i}") for i, source in enumerate(first)]
        with Server([digitd, "--model", weights, "--tls-cert", served[0], "--tls-key",
                     served[1]]) as server:
            check_versions(server, first[0])
            check_mistakes(server, first[0])
            check_large(server, first[0])
            check_reload(server, served, first, second)
        check_files(digitd, weights, first, second)
        check_limit(digitd, weights, second)
    print("tls: 1.2 and 1.3 only, and the certificate was replaced under load")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"tls: {failure}")
