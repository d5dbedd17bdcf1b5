"""A TCP proxy that lies between a client and a daemon on loopback, and misbehaves when told to.

    with Proxy(port) as proxy:                     # proxy.port leads to port
        proxy.cut(up=65536)                        # each connection ends after so many bytes from
        proxy.cut(down=0, only={2}, reset=True)    # ... or to the client; only the second; by RST
        proxy.cut(up=65536, hook=kill)             # calls it there, and lets the bytes pass
        proxy.alter(up=65536)                      # the byte there comes out as another one
        proxy.count, proxy.cuts                    # connections since then, and how many were cut

Where the daemon names another port of loopback in what it answers, `instead` names a third one: so
that a NameNode sends its clients to another proxy.
"""

import contextlib
import socket
import struct
import threading

CHUNK = 16384


class Proxy:
    def __init__(self, target, instead=None):
        self.target = target
        self.instead = {f"127.0.0.1:{old}".encode(): f"127.0.0.1:{new}".encode()
                        for old, new in (instead or {}).items()}
        assert all(len(old) == len(new) for old, new in self.instead.items())
        self.sent = b""  # what clients sent, headers and all, up to a limit
        self.cut()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        # Closing alone would not wake the thread that waits in accept.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

    def cut(self, up=None, down=None, only=None, reset=False, hook=None):
        """How connections from now on end; without arguments, as their ends like."""
        self.limits = {"up": up, "down": down}
        self.altered = {"up": None, "down": None}
        self.only, self.reset, self.hook = only, reset, hook
        self.count = self.cuts = 0
        self.sent = b""

    def alter(self, up=None, down=None):
        self.cut()
        self.altered = {"up": up, "down": down}

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            self.count += 1
            limited = self.only is None or self.count in self.only
            limits = self.limits if limited else {"up": None, "down": None}
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            for source, sink, way in (client, server, "up"), (server, client, "down"):
                threading.Thread(target=self.pump, args=(source, sink, way, limits[way]),
                                 daemon=True).start()

    def pump(self, source, sink, way, limit):
        passed = 0
        with contextlib.suppress(OSError):
            while limit is None or passed < limit:
                data = source.recv(CHUNK if limit is None else min(CHUNK, limit - passed))
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                place = self.altered[way]
                if place is not None and passed <= place < passed + len(data):
                    place -= passed
                    data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
                passed += len(data)
                if way == "up" and len(self.sent) < 1 << 20:
                    self.sent += data
                if way == "down":
                    for old, new in self.instead.items():
                        data = data.replace(old, new)
                sink.sendall(data)
            self.cuts += 1
            if self.hook:
                self.hook()
                self.pump(source, sink, way, None)
                return
        for end in source, sink:
            self.end(end)

    def end(self, connection):
        # The shutdown wakes the other thread, which may wait for bytes: until it lets go of the
        # connection, closing does not end it.
        with contextlib.suppress(OSError):
            if self.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RD)
            else:
                connection.shutdown(socket.SHUT_RDWR)
        connection.close()
