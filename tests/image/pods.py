"""A container of a manifest, as a process: with the environment that its image and Kubernetes would give it."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from container import ROOT, Failure
from support import Server, request

WEIGHTS = ROOT / "model" / "weights" / "cnn_mnist.pth"
PROBES = "startupProbe", "livenessProbe", "readinessProbe"


class Image:
    """What the Dockerfile says of the image `digitd`."""

    def __init__(self):
        text = (ROOT / "Dockerfile").read_text()
        self.environment = dict(re.findall(r"(\w+)=(\S+)", re.search(r"^ENV (DIGITD_HOST.*)$", text, re.M)[1]))
        self.user = int(re.search(r"^USER (\d+)", text, re.M)[1])
        self.port = int(re.search(r"^EXPOSE (\d+)$", text, re.M)[1])


def variables(container):
    """The environment of a container, with references to its own resources resolved."""
    found = {}
    for entry in container.get("env", []):
        value = entry.get("value")
        if value is None:
            part, name = entry["valueFrom"]["resourceFieldRef"]["resource"].split(".")
            value = container["resources"][part][name]
        found[entry["name"]] = value
    return found


def links(services):
    """What Kubernetes tells pods of the services beside them."""
    return {f"{service.upper().replace('-', '_')}_PORT": "tcp://10.0.0.1:80" for service in services}


def check_variables(digitd, container):
    """Every variable is that of an option."""
    said = subprocess.run([digitd, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    options = {"DIGITD_" + flag.upper().replace("-", "_") for flag in re.findall(r"^  --([a-z-]+)", said, re.M)}
    for name in variables(container):
        if name not in options:
            raise Failure(f"{name} is no option of digitd")


def is_remote(model):
    return "://" in model


class Pod:
    """A digitd with a container's environment, from `with` to the end of its block. What differs from the
    cluster: free ports on loopback, a cache folder of the test, and the model's place."""

    def __init__(self, digitd, container, around, cache):
        self.container = container
        self.image = Image()
        self.environment = {**self.image.environment, **around, **variables(container)}
        self.model = self.environment.pop("DIGITD_MODEL", "")
        place = urlsplit(self.model)._replace(netloc="127.0.0.1:1").geturl() if is_remote(self.model) else WEIGHTS
        if self.model and not is_remote(self.model) and Path(self.model).name != WEIGHTS.name:
            raise Failure(f"{self.model} is not called {WEIGHTS.name}, and so is the model in requests")
        flags = ["--host", "127.0.0.1", "--cache", cache, "--log-format", "text", "--model", place]
        self.admin = int(self.environment.get("DIGITD_ADMIN_PORT", 0))
        if self.admin:
            flags += ["--admin-port", "0"]
        words = [f"{name}={value}" for name, value in self.environment.items()]
        self.server = Server(["env", "-i", *words, digitd], flags)

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *reason):
        self.server.__exit__(*reason)

    def number(self, port):
        """A port by its number, or by its name in the container."""
        named = {entry.get("name"): entry["containerPort"] for entry in self.container["ports"]}
        if port not in named and port not in named.values():
            raise Failure(f"the container has no port {port}, only {named}")
        return named.get(port, port)

    def ask(self, port, path):
        """The response to a GET at what would be that port in the cluster."""
        number = self.number(port)
        if number == self.admin:
            connection = self.server.admin()
        elif number == int(self.environment.get("DIGITD_PORT", self.image.port)):
            connection = self.server.connect()
        else:
            raise Failure(f"digitd does not listen at {number}")
        with connection:
            return request(connection, "GET", path)

    def check_probes(self):
        """Every probe is answered with 200, but for the readiness of who waits for a model."""
        for name in PROBES:
            if name not in self.container:
                continue
            asked = self.container[name]["httpGet"]
            status = self.ask(asked["port"], asked["path"]).status
            wanted = 503 if name == "readinessProbe" and is_remote(self.model) else 200
            if status != wanted:
                raise Failure(f"the {name} at {asked} is answered with {status}, not {wanted}")
