"""API keys and origins: who is answered, who is not, and that a key never shows.

    keys.py DIGITD WEIGHTS
"""

import hashlib
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from support import Failure, Server, check, read_response

FIRST, SECOND, THIRD = "first-key-0123456789", "second-key-abcdefghij", "third/key+of=16.."
OPEN = ("/health", "/livez", "/readyz", "/version", "/problems", "/openapi.yaml", "/openapi.json", "/")
GUARDED = ("/model", "/metrics")
BAD_FILES = {
    "": "there is no key in it",
    "# only this\n\n": "there is no key in it",
    "short": "line 1: the key is shorter than 16 characters",
    f"{FIRST}\nname {SECOND} more\n":
        "line 2: write a key, or a name and a key, without spaces in them",
    f"{'n' * 33} {FIRST}": "line 1: the name is longer than 32 characters",
    "sha256:12": "line 1: 64 hexadecimal digits must follow 'sha256:'",
    "me sha256:" + "g" * 64: "line 1: 64 hexadecimal digits must follow 'sha256:'",
    f"{FIRST}\nme sha256:{hashlib.sha256().hexdigest()}": "line 2: this is the hash of an empty key",
    f"{FIRST}\0\n{SECOND}\n": "there is a NUL in it; write text",
}


def ask(server, path, *fields, method="GET"):
    head = [f"{method} {path} HTTP/1.1", "Host: test", "Connection: close", *fields, "", ""]
    with server.connect() as connection:
        connection.sendall("\r\n".join(head).encode())
        return read_response(connection, method)


def status(server, path, *fields):
    return ask(server, path, *fields).status


def check_who_is_answered(server):
    for path in OPEN:
        check(status(server, path) == 200, path, "wants a key")
    for path in GUARDED:
        check(status(server, path, f"Authorization: Bearer {FIRST}") == 200, path)
        check(status(server, path, f"authorization: bearer   {SECOND}") == 200, path)
        check(status(server, path, f"X-API-Key: {THIRD}") == 200, path)
        check(status(server, path, "Authorization: Basic eDp5", f"X-API-Key: {FIRST}") == 200, path)
        for field in ("X-Nothing: here", f"Authorization: {FIRST}", "Authorization: Bearer ",
                      f"Authorization: Bearer {FIRST[:-1]}", f"Authorization: Bearer {FIRST}0",
                      f"X-API-Key: {FIRST.upper()}", "X-API-Key: one", "X-API-Key: " + "x" * 5000,
                      "Authorization: Bearer sha256:" + hashlib.sha256(THIRD.encode()).hexdigest(),
                      f"Authorization: Bearer wrong\r\nX-API-Key: {FIRST}"):
            check(status(server, path, field) == 401, path, "is answered with", field)
    check(ask(server, "/model", method="OPTIONS").status == 204, "OPTIONS wants a key")


def check_refusal(server):
    none = ask(server, "/predict", "Content-Type: image/png", "Content-Length: 0", method="POST")
    wrong = ask(server, "/model", "X-API-Key: wrong")
    check(none.status == 401 and json.loads(none.body)["type"] == "/problems#unauthorized", none.body)
    check(none.headers["WWW-Authenticate"] == 'Bearer realm="digitd"', none.headers)
    check(wrong.headers["WWW-Authenticate"].endswith('error="invalid_token"'), wrong.headers)


def check_reload(server, path):
    """Keys come and go with SIGHUP; a file that is no good changes nothing."""
    path.write_text(f"{SECOND}\n")
    check(status(server, "/model", f"X-API-Key: {FIRST}") == 200, "the file was read too early")
    server.process.send_signal(signal.SIGHUP)
    _, seen = server.wait_for("still serving")
    check(status(server, "/model", f"X-API-Key: {FIRST}") == 401, "the first key still works")
    check(status(server, "/model", f"X-API-Key: {SECOND}") == 200, "the second does not")
    path.write_text("short\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("the API keys stay what they were: ", seen)
    check(status(server, "/model", f"X-API-Key: {SECOND}") == 200, "a bad file took a key away")


def check_keys(digitd, weights, folder):
    path = folder / "keys"
    path.write_text(f"# who may ask\n\n{FIRST}\r\n  reader\t{SECOND}  \n"
                    f"hidden sha256:{hashlib.sha256(THIRD.encode()).hexdigest().upper()}")
    path.chmod(0o644)
    with Server([digitd, "--model", weights, "--api-key-file", path, "--access-log", 1]) as server:
        check_who_is_answered(server)
        check_refusal(server)
        check_reload(server, path)
    output = server.output()
    check("others can read the API keys" in output, "no warning of others who can read")
    for name in ('key="line 3"', 'key="reader"', 'key="hidden"'):
        check(name in output, "the log does not say", name)
    for key in (FIRST, SECOND, THIRD):
        check(key not in output, "a key is in the log")
    path.write_text(FIRST)
    path.chmod(0o600)
    with Server([digitd, "--model", weights, "--api-key-file", path]) as server:
        check("others can read" not in server.output(), server.output())


def refusal(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                          timeout=20)
    check(done.returncode == 1 and done.stderr.count("\n") == 1, done)
    return done.stderr


def check_bad_files(digitd, weights, folder):
    path = folder / "bad"
    start = (digitd, "--model", weights, "--port", "0", "--api-key-file")
    for text, reason in BAD_FILES.items():
        path.write_text(text)
        path.chmod(0o600)
        said = refusal(*start, path)
        check(said == f"digitd: the API keys in {path}: {reason}\n", said)
    check(str(folder / "none") in refusal(*start, folder / "none"), "a missing file")
    check("directory" in refusal(*start, folder), "a folder")


def check_origins(digitd, weights):
    """What must not be in an answer, which a case in tests/cases cannot say."""
    with Server([digitd, "--model", weights, "--cors-origins",
                 "https://a.example, https://b.example"]) as server:
        for origin in ("https://c.example", "https://a.example:443", "http://a.example", "null",
                       "https://b.exampl", "https://b.example.evil", ""):
            for method in ("GET", "OPTIONS"):
                answer = ask(server, "/model", f"Origin: {origin}",
                             "Access-Control-Request-Method: GET", method=method)
                named = [name for name in answer.headers if name.startswith("Access-Control")]
                check(not named, origin, "gets", named)
                check(answer.headers["Vary"] == "Origin", answer.headers)
        plain = ask(server, "/model", "Origin: https://b.example", method="OPTIONS")
        check("Access-Control-Max-Age" not in plain.headers, "this was no preflight")
    with Server([digitd, "--model", weights]) as server:
        answer = ask(server, "/model", "Origin: https://a.example")
        check("Vary" not in answer.headers, answer.headers)
        check("Access-Control-Allow-Origin" not in answer.headers, answer.headers)
    for bad in ("a.example", "https://", "https://a.example/", "ftp://a.example", " , ",
                "https://a.example,*", "https://*.example"):
        said = refusal(digitd, "--model", weights, "--port", "0", "--cors-origins", bad)
        check(said.startswith("digitd: --cors-origins: "), said)


def main():
    digitd, weights = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        check_keys(digitd, weights, Path(folder))
        check_bad_files(digitd, weights, Path(folder))
    check_origins(digitd, weights)
    print("keys: whoever has one is answered, and nobody else")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"keys: {failure}")
