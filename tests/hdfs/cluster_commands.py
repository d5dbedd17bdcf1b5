"""The cluster itself, by its commands: what starts is what it says, and nothing outlives its end."""

import errno
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

from support import ROOT, Cluster, Failure, run_main

GONE_SECONDS = 20


def expect(condition, message):
    if not condition:
        raise Failure(message)


def processes(folder):
    """All processes that carry a cluster's mark."""
    mark = f"-Ddigitd.cluster={folder}".encode()
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if mark in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def daemons(cluster):
    return {name: pid for name, pid in cluster.pids.items() if name != "watcher"}


def files_and_permissions(cluster):
    body = bytes(range(256)) * 20
    cluster.put("/small-blocks", body, blocksize=512)
    expect(cluster.get("/small-blocks") == body, "a file of ten blocks is not what was written")
    status, answer = cluster.webhdfs("PUT", "/forbidden", "MKDIRS", user="alice")
    expect(status == 403 and answer["RemoteException"]["exception"] == "AccessControlException",
           f"a user without permission gets {status} {answer}")
    cluster.dfs("-mkdir", "/alice")
    cluster.dfs("-chown", "alice", "/alice")
    cluster.put("/alice/own", b"own", user="alice")
    expect("/alice/own" in cluster.dfs("-ls", "/alice", user="alice"), "alice's file is not listed")


def only_loopback(cluster):
    for name in ("namenode1_rpc", "namenode1_http", "datanode1_data", "datanode1_http"):
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            address, port = line.split()[1].split(":")
            if int(port, 16) == cluster.ports[name] and line.split()[3] == "0A":
                expect(address == "0100007F", f"{name} listens on {address}, not on 127.0.0.1")


def starts_what_is_missing(cluster):
    before = daemons(cluster)
    cluster.kill("datanode1")
    done = cluster.run("status", check=False)
    expect(done.returncode == 3 and "datanode1        stopped" in done.stdout,
           f"status after a kill: {done.returncode}\n{done.stdout}")
    cluster.restart()
    after = daemons(cluster)
    expect(after["namenode1"] == before["namenode1"] and after["datanode1"] != before["datanode1"],
           f"not only what was missing has been started: {before}, {after}")
    cluster.restart()
    expect(daemons(cluster) == after, f"a start of all that runs changed it: {after}, {cluster.pids}")
    expect(cluster.get("/alice/own") == b"own", "the restarted DataNode has lost a file")


def stops_and_keeps(cluster):
    cluster.stop()
    left = processes(cluster.folder)
    expect(not left, f"stop leaves processes: {left}")
    ports = cluster.ports
    cluster.start()
    expect(cluster.ports == ports, "the ports are others after a restart, though they were free")
    expect(cluster.get("/alice/own") == b"own", "a restart has lost a file")


def take(port):
    """Listens there, as soon as the system lets go of it."""
    end = time.monotonic() + GONE_SECONDS
    while True:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError as error:
            expect(error.errno == errno.EADDRINUSE and time.monotonic() < end, f"port {port}: {error}")
            time.sleep(0.1)


def gives_way_to_taken_ports(cluster):
    cluster.stop()
    with take(cluster.ports["namenode1_http"]) as taker:
        cluster.start()
        expect(cluster.ports["namenode1_http"] != taker.getsockname()[1], "a taken port is used")
        expect(cluster.get("/alice/own") == b"own", "other ports have lost a file")


def says_what_failed(cluster):
    cluster.stop()
    version = cluster.folder / "data" / "namenode1" / "current" / "VERSION"
    kept = version.read_text()
    version.write_text("spoilt")
    done = cluster.run("start", check=False)
    expect(done.returncode == 1, f"start on spoilt data ends with status {done.returncode}")
    expect("namenode1 has ended" in done.stderr and "VERSION" in done.stderr,
           f"start on spoilt data says:\n{done.stderr}")
    left = processes(cluster.folder)
    expect(not left, f"a start that failed leaves processes: {left}")
    version.write_text(kept)


def stops_by_itself():
    """A cluster ends with the process that it was started for."""
    with tempfile.TemporaryDirectory() as scratch:
        with subprocess.Popen(["sleep", "1000"]) as owner:
            folder = pathlib.Path(scratch) / "cluster"
            subprocess.run([ROOT / "dev", "hdfs", "start", "--dir", folder, "--while",
                            str(owner.pid)], check=True, stdout=subprocess.DEVNULL)
            expect(processes(folder), "start has started nothing")
            owner.kill()
        deadline = time.monotonic() + GONE_SECONDS
        while processes(folder):
            expect(time.monotonic() < deadline, "the cluster outlives what it was started for")
            time.sleep(0.5)


def fails_over(cluster):
    cluster.put("/model", b"first")
    status, answer = cluster.webhdfs("GET", "/model", "OPEN", namenode="namenode2")
    expect(status == 403 and answer["RemoteException"]["exception"] == "StandbyException",
           f"the standby NameNode answers {status} {answer}")
    cluster.failover()
    expect(cluster.webhdfs("GET", "/model", "OPEN", namenode="namenode2") == (200, b"first"),
           "the second NameNode does not know the file after the failover")
    cluster.kill("namenode2")
    cluster.failover()
    expect(cluster.get("/model") == b"first", "the first NameNode does not take over")
    cluster.restart()
    expect(cluster.haadmin("-getServiceState", "namenode2").strip() == "standby",
           "a restarted NameNode is not the standby one")


def speaks_tls(cluster):
    url = cluster.tls_url.split(",")[0].replace("swebhdfs", "https")
    trust = ssl.create_default_context(cafile=cluster.ca_file)
    with urllib.request.urlopen(f"{url}/webhdfs/v1/model?op=OPEN", context=trust) as answer:
        expect(answer.read() == b"first", "a file read over TLS is not what was written")
        expect(answer.url.startswith("https:"), f"TLS leads to {answer.url}")


def runs_jobs(cluster, where):
    cluster.put(f"/in-{where}/words", b"three\none\ntwo\n")
    cluster.dfs("-chown", "alice", f"/in-{where}")
    cluster.streaming("-D", "mapreduce.job.maps=1", "-D", "mapreduce.job.reduces=1",
                      "-input", f"/in-{where}/words", "-output", f"/in-{where}/out", "-mapper", "/bin/cat",
                      "-reducer", "/bin/cat", user="alice")
    parts = cluster.get(f"/in-{where}/out/part-00000")
    expect(parts is not None and parts.split() == [b"one", b"three", b"two"],
           f"a Streaming job ({where}) gives {parts}")


def main():
    with Cluster() as cluster:
        files_and_permissions(cluster)
        only_loopback(cluster)
        runs_jobs(cluster, "local")
        starts_what_is_missing(cluster)
        stops_and_keeps(cluster)
        gives_way_to_taken_ports(cluster)
        says_what_failed(cluster)
        expect(not processes(cluster.folder), "the end of the test leaves processes")
    stops_by_itself()
    with Cluster(standby=True, yarn=True, tls=True) as cluster:
        fails_over(cluster)
        speaks_tls(cluster)
        runs_jobs(cluster, "yarn")
    expect(not processes(cluster.folder), "the end of the test leaves processes")
    print("the cluster does what its commands say")


sys.exit(run_main(main))
