"""digit predict --url: a real digitd says what an engine of our own says, or why it does not."""
import http.server
import json
import os
import socket
import sys
import threading
import unittest

from tool import DIGITS, SOURCE, WEIGHTS, ToolTest, run

sys.path.insert(0, str(SOURCE / "tests/http"))
from support import Server, make_certificate  # noqa: E402

DIGITD = os.environ.get("DIGITD", SOURCE / "build/bin/digitd")
PNGS = [DIGITS / f"{digit}.png" for digit in range(10)]
PICTURES = SOURCE / "tests/pictures"


class Other(http.server.BaseHTTPRequestHandler):
    """A server that is no digitd."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def no_port():
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class PredictUrl(ToolTest):
    def serve(self, *flags):
        server = Server([DIGITD, "--model", WEIGHTS], ["--engine", "native", *flags])
        server.__enter__()
        self.addCleanup(server.__exit__, None)
        return f"{'https' if '--tls-cert' in flags else 'http'}://{server.host}:{server.port}"

    def pretend(self, status, body):
        server = http.server.HTTPServer(("127.0.0.1", 0), Other)
        server.answer = status, body
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def test_says_what_the_engine_says(self):
        url = self.serve()
        files = [*PNGS, PICTURES / "seven.jpg", PICTURES / "seven.bmp", PICTURES / "paper.png"]
        for slash in "", "/":
            self.assertEqual(self.ok("predict", "--url", url + slash, *files),
                             self.ok("predict", "--engine", "native", *files))

    def test_json_and_bars(self):
        url = self.serve()
        there = json.loads(self.ok("predict", "--json", "--url", url, PNGS[4]))
        here = json.loads(self.ok("predict", "--json", "--engine", "native", PNGS[4]))
        self.assertEqual(list(there), list(here))
        self.assertEqual(there["prediction"], 4)
        for a, b in zip(there["probabilities"], here["probabilities"]):
            self.assertAlmostEqual(a, b, delta=1e-6)
        self.assertEqual(self.ok("predict", "--bars", "--url", url, PNGS[4]),
                         self.ok("predict", "--bars", "--engine", "native", PNGS[4]))

    def test_standard_input(self):
        said = self.ok("predict", "--url", self.serve(), "-", stdin=PNGS[7].read_bytes())
        self.assertRegex(said, r"^-: 7 \(\d+\.\d%\)\n$")

    def test_goes_on_after_a_bad_picture(self):
        text, white = PICTURES / "text.txt", PICTURES / "white.png"
        done = run("predict", "--url", self.serve(), PNGS[1], text, white, "no/such.png", PNGS[2])
        self.assertEqual(done.returncode, 1)
        self.assertEqual([line.split(" ")[1] for line in done.stdout.decode().splitlines()],
                         ["1", "2"])
        said = done.stderr.decode().splitlines()
        self.assertEqual(len(said), 3, said)
        self.assertIn("text.txt: these bytes are no picture", said[0])
        self.assertIn("white.png: nothing is drawn on the picture", said[1])
        self.assertIn("no/such.png", said[2])

    def test_stops_when_there_is_no_server(self):
        url = f"http://127.0.0.1:{no_port()}"
        said = self.fails(3, f"0.png: the server {url} cannot be reached", "predict", "--url", url,
                          *PNGS)
        self.assertNotIn("1.png", said)

    def test_stops_when_there_is_no_model(self):
        url = self.serve("--model", "file:///nowhere/m.pth", "--cache", "/dev/null/none")
        self.fails(3, "0.png: there is no model yet", "predict", "--url", url, *PNGS)

    def test_key(self):
        keys = self.folder / "keys"
        keys.write_text("phone a-very-long-and-secret-key-0123456789\n")
        url = self.serve("--api-key-file", keys)
        self.fails(1, "this needs an API key", "predict", "--url", url, PNGS[0])
        key = self.folder / "key"
        key.write_text("a-very-long-and-secret-key-0123456789\n")
        self.assertIn(": 7 (", self.ok("predict", "--url", url, "--api-key-file", key, PNGS[7]))
        key.write_text("another\n")
        self.fails(1, "the API key is not known here", "predict", "--url", url, "--api-key-file",
                   key, PNGS[0])
        key.write_text("\n")
        self.fails(1, "its first line is no API key", "predict", "--url", url, "--api-key-file",
                   key, PNGS[0])

        key.write_text("a-very-long-and-secret-key-0123456789")
        self.assertIn(": 7 (", self.ok("predict", "--url", url, "--api-key-file", key, PNGS[7]))
        for text in "a b\n", "a\u00e9\n", "a\tb":  # of such a line the key is what comes first
            key.write_text(text)
            self.fails(1, "the API key is not known here", "predict", "--url", url, "--api-key-file", key, PNGS[0])
        self.fails(1, "cannot open 'no/such'", "predict", "--url", url, "--api-key-file", "no/such", PNGS[0])

    def test_tls(self):
        certificate, key = make_certificate(self.folder, "predict")
        url = self.serve("--tls-cert", str(certificate), "--tls-key", str(key))
        self.assertIn(": 7 (", self.ok("predict", "--url", url, "--ca-file", certificate, PNGS[7]))
        self.fails(1, "certificate", "predict", "--url", url, PNGS[7])
        self.fails(1, "no/such", "predict", "--url", url, "--ca-file", "no/such", PNGS[7])

    def test_short_files(self):
        url = self.serve()
        for content, said in (b"", "the picture has no bytes"), (b"B", "no picture that is known"), (b"BM", "ends after 2 bytes"):
            short = self.folder / "short"
            short.write_bytes(content)
            self.fails(1, said, "predict", "--url", url, short)

    def test_other_servers(self):
        self.fails(1, "answers with status 404; is it a digitd?", "predict", "--url",
                   self.pretend(404, b"<html>"), PNGS[0])
        for body in b"", b"hello", b"{}", b'{"probabilities": [1]}', b'{"probabilities": ' + b"[" * 9, \
                *(b'{"probabilities": [%s, 0, 0, 0, 0, 0, 0, 0, 0, 0]}' % word for word in (b"1.5", b"-1", b'"1"')):
            self.fails(1, "answers without ten probabilities", "predict", "--url",
                       self.pretend(200, body), PNGS[0])

    def test_urls(self):
        for url in "127.0.0.1:8080", "ftp://a", "http://", "http://a b", "http://a/?x":
            self.fails(1, "names no server; write http://HOST:PORT", "predict", "--url", url, PNGS[0])
        for length in 4079, 5000:
            self.fails(1, "is too long for a URL", "predict", "--url", f"http://{length * 'a'}", PNGS[0])

    def test_without_the_plug_in(self):
        alone = self.alone()
        done = run("predict", "--url", "http://127.0.0.1:1", PNGS[0], program=alone)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"a server is spoken to by libcurl", done.stderr)
        done = run("predict", "--engine", "native", PNGS[7], program=alone)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
