"""A client of digitd that is quick enough to send tens of thousands of pictures: one file a request, on
one connection that stays open."""

import base64
import json
import socket
from dataclasses import dataclass, field

TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg"}


@dataclass
class Answer:
    """What a picture got. Refused: the prediction is None and `reason` says why."""

    prediction: int | None = None
    confidence: float = 0.0
    uncertain: bool = False
    reason: str = ""
    fields: dict = field(default_factory=dict)


class Client:
    def __init__(self, host, port):
        self.address = host, port
        self._connect()

    def _connect(self):
        self.socket = socket.create_connection(self.address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, content_type, body):
        """Status and body of POST /predict. A server may close a connection that was silent, as it is
        while the next pictures are drawn on a busy machine; then there is another."""
        try:
            return self._post(content_type, body)
        except ConnectionError:
            self._connect()
            return self._post(content_type, body)

    def _post(self, content_type, body):
        self.socket.sendall(
            f"POST /predict HTTP/1.1\r\nHost: robust\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, rest = got.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])
        while len(rest) < length:
            rest += self._more()
        return int(head[9:12]), rest

    def _more(self):
        more = self.socket.recv(1 << 16)
        if not more:
            raise ConnectionError("digitd closed the connection")
        return more

    def ask(self, file):
        return read(*self.post(TYPES[file[:4]], file))

    def seen(self, file):
        """The PNG that the network saw of that picture; None where the server does not give it."""
        body = {"image": base64.b64encode(file).decode(), "include": ["input"]}
        answer = read(*self.post("application/json", json.dumps(body).encode()))
        url = answer.fields.get("input")
        return base64.b64decode(url.partition(",")[2]) if isinstance(url, str) else None


def read(status, body):
    """422 is an answer, too: nothing is drawn, or too much. All else is the test's own fault."""
    fields = json.loads(body)
    if status == 200:
        return Answer(fields["prediction"], fields["confidence"], fields.get("uncertain", False), fields=fields)
    if status in (400, 422):
        return Answer(reason=fields.get("detail", fields.get("title", "")))
    raise RuntimeError(f"digitd answers {status}: {body[:300]!r}")
