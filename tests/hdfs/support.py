"""What the tests against Hadoop share: a real cluster from `with` to the end of its block.

    with Cluster() as cluster:                      # or Cluster(standby=True), yarn=True, tls=True
        cluster.url                                 # webhdfs://127.0.0.1:PORT[,127.0.0.1:PORT]
        cluster.put("/a", b"..."); cluster.get("/a"); cluster.list("/")
        cluster.webhdfs("PUT", "/models", "MKDIRS") # any other call: status, answer
        cluster.dfs("-ls", "/")                     # hdfs dfs, its output
        cluster.kill("datanode1")                   # as a power cut would
        cluster.restart()                           # starts only what is missing
"""

import getpass
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = ROOT / "hadoop" / "cluster.sh"
REPLY_SECONDS = 60
UNAVAILABLE = 69  # cluster.sh: Hadoop could not be had

# The exit status of a test that lacks something; ctest reports it as skipped.
SKIPPED = 77


class Failure(Exception):
    """A test's finding: what was expected, and what happened."""


class Skip(Exception):
    """What the test lacks."""


def run_main(main):
    """Runs a test's main, and gives the exit status that ctest understands."""
    try:
        main()
    except Skip as lack:
        print(f"skipped: {lack}")
        return SKIPPED
    except Failure as finding:
        print(f"FAILED: {finding}")
        return 1
    return 0


class Cluster:
    """A cluster in a folder of its own, which is removed at the end. With `folder`, it stays."""

    def __init__(self, standby=False, yarn=False, tls=False, folder=None):
        self.options = [f"--{name}" for name, wanted in
                        (("standby", standby), ("yarn", yarn), ("tls", tls)) if wanted]
        self.is_scratch = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="digitd-hdfs-"))

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            if self.is_scratch:
                shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, *arguments, check=True, **options):
        """One command of cluster.sh, as subprocess.run gives it."""
        done = subprocess.run([COMMAND, command, "--dir", self.folder, *map(str, arguments)],
                              capture_output=True, text=True, **options)
        if done.returncode == UNAVAILABLE:
            raise Skip(done.stderr.strip())
        if check and done.returncode != 0:
            raise Failure(f"hdfs {command} {' '.join(map(str, arguments))} ends with status "
                          f"{done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def start(self):
        for program in ("java", "curl"):
            if not shutil.which(program):
                raise Skip(f"{program} is not installed")
        self.url = self.run("start", *self.options, "--while", os.getpid()).stdout.splitlines()[-1]
        with open(self.folder / "ports") as lines:
            self.ports = {name: int(port) for name, port in map(str.split, lines)}

    def stop(self):
        self.run("stop")

    def restart(self):
        """Starts what is not running; all that is running stays as it is."""
        self.start()

    def kill(self, name):
        """Kills a daemon (namenode1, datanode1, ...) by its process id, with SIGKILL."""
        self.run("kill", name)

    def failover(self):
        """Makes the other NameNode the active one."""
        self.run("failover")

    def dfs(self, *arguments, user=None, **options):
        """`hdfs dfs`, as a user; gives what it prints."""
        return self.tool("dfs", *arguments, user=user, **options).stdout

    def dfsadmin(self, *arguments):
        return self.tool("dfsadmin", *arguments).stdout

    def haadmin(self, *arguments):
        return self.tool("haadmin", *arguments).stdout

    def streaming(self, *arguments, user=None, **options):
        """A Streaming job; gives it as subprocess.run does."""
        return self.tool("streaming", *arguments, user=user, **options)

    def tool(self, name, *arguments, user=None, **options):
        environment = dict(os.environ)
        if user:
            environment["HADOOP_USER_NAME"] = user
        return self.run(name, *arguments, env=environment, **options)

    @property
    def pids(self):
        """The process id of each daemon that has been started, by its name."""
        return {file.stem: int(file.read_text()) for file in (self.folder / "run").glob("*.pid")}

    @property
    def tls_url(self):
        """The cluster's URL over TLS; whoever uses it has to trust `ca_file`."""
        names = ["namenode1", "namenode2"] if "--standby" in self.options else ["namenode1"]
        return "swebhdfs://" + ",".join(f"127.0.0.1:{self.ports[f'{name}_https']}" for name in names)

    @property
    def ca_file(self):
        return self.folder / "tls" / "ca.pem"

    def webhdfs(self, method, path, operation, user=None, body=None, namenode="namenode1", **more):
        """One call of WebHDFS, sent on to a DataNode where the NameNode says so. Gives the status
        and the body: parsed where it is JSON. Who calls is the superuser, unless named."""
        query = {"op": operation, "user.name": user or getpass.getuser(), **more}
        url = (f"http://127.0.0.1:{self.ports[f'{namenode}_http']}/webhdfs/v1"
               f"{urllib.parse.quote(path)}?{urllib.parse.urlencode(query)}")
        status, headers, answer = exchange(method, url)
        if status == 307:
            status, headers, answer = exchange(method, headers["Location"], body)
        if headers.get_content_type() == "application/json":
            answer = json.loads(answer)
        return status, answer

    def put(self, path, body, user=None, **more):
        """Writes a file."""
        status, answer = self.webhdfs("PUT", path, "CREATE", user, body, overwrite="true", **more)
        if status != 201:
            raise Failure(f"{path} cannot be written: {status} {answer}")

    def get(self, path, user=None):
        """What is in a file; None where there is none."""
        status, answer = self.webhdfs("GET", path, "OPEN", user)
        if status == 404:
            return None
        if status != 200:
            raise Failure(f"{path} cannot be read: {status} {answer}")
        return answer

    def list(self, path, user=None):
        """The names in a folder."""
        status, answer = self.webhdfs("GET", path, "LISTSTATUS", user)
        if status != 200:
            raise Failure(f"{path} cannot be listed: {status} {answer}")
        return [entry["pathSuffix"] for entry in answer["FileStatuses"]["FileStatus"]]


def exchange(method, url, body=None):
    """One request, no redirect followed: status, headers, body."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=REPLY_SECONDS)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()
