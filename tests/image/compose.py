"""compose.yaml without containers: the same services with the same commands, settings and files, as
processes in a network of their own where the services' names lead to the loopback. From nothing to a
digit that is recognised by a model out of HDFS, counted by Prometheus and asked for by the dashboard.

    compose.py DIGITD DIGIT DATA
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml
from small import check_prediction

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "http"))

import promtool  # noqa: E402
from support import SKIPPED, Failure  # noqa: E402

FILE = ROOT / "docker" / "compose.yaml"
INSIDE = "COMPOSE_TEST_INSIDE"
IMAGES = re.compile(r"[a-z0-9/-]+(:v?[a-z0-9.]+)?")
VARIABLE = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")


def check(condition, *found):
    if not condition:
        raise Failure(" ".join(map(str, found)))


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


class Services:
    """Those of compose.yaml, each started by `start`, all ended at the end of the block."""

    def __init__(self, folder, programs, environment):
        text = VARIABLE.sub(lambda found: environment.get(found[1], found[2]), FILE.read_text())
        self.all = yaml.safe_load(text)["services"]
        self.folder, self.programs, self.processes = folder, programs, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()

    def here(self, name, word):
        """A word of a service's command, with the places that its container has being those of
        here: its mounts, /data and /tmp/."""
        places = {"/tmp/": f"{self.folder}/tmp/", "/data": str(self.programs["data"])}
        for mount in self.all[name].get("volumes", []):
            source, place = mount.split(":")[:2]
            if source.startswith("."):
                places[place] = str(FILE.parent / source)
            else:
                places[place] = str(self.folder / source)
                Path(places[place]).mkdir(exist_ok=True)
        if word in places:
            return places[word]
        flag, equals, value = word.partition("=")
        return f"{flag}={places[value]}" if equals and value in places else word

    def start(self, name, program, environment=()):
        service = self.all[name]
        words = [program, *(self.here(name, word) for word in service.get("command", []))]
        settings = {**os.environ, **dict(environment), **service.get("environment", {})}
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes[name] = subprocess.Popen(words, env=settings, cwd=self.folder, stdout=log,
                                                    stderr=subprocess.STDOUT)
        return self.processes[name]

    def said(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def until(self, name, condition, seconds=90):
        """Waits for what a service should come to."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = condition()
                if found:
                    return found
            except OSError:
                pass
            check(self.processes[name].poll() is None, f"{name} has ended:\n{self.said(name)}")
            time.sleep(0.2)
        raise Failure(f"{name} does not get there; it says:\n{self.said(name)}")

    def healthy(self, name):
        """Its own health check, run here."""
        words = self.all[name]["healthcheck"]["test"][1:]
        words[0] = str(self.programs["digitd"]) if words[0] == "/usr/bin/digitd" else words[0]
        environment = {**os.environ, **self.all[name].get("environment", {})}
        return subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 0


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def check_text(services):
    """What holds for all of them, without running one."""
    for name, service in services.all.items():
        check(IMAGES.fullmatch(service["image"]), name, "has no image that one could get again")
        check("build" in service or ":" in service["image"], name, "has an image without a version")
        check(service["read_only"] and service["cap_drop"] == ["ALL"] and "pids_limit" in service and
              service["security_opt"] == ["no-new-privileges:true"] and "mem_limit" in service,
              name, "may do more than it needs")
        for port in service.get("ports", []):
            check(port.startswith("127.0.0.1:"), name, "listens on every network:", port)
        for mount in service.get("volumes", []):
            if mount.startswith("."):
                check((FILE.parent / mount.split(":")[0]).exists(), name, "mounts nothing:", mount)
                check(mount.endswith(":ro"), name, "may write to", mount)


def start_hadoop(services, folder):
    configuration = folder / "hadoop"
    configuration.mkdir()
    for source in (ROOT / "docker" / "hadoop").glob("*.xml"):
        shutil.copy(source, configuration)
    shutil.copy(ROOT / "hadoop" / "conf" / "log4j.properties", configuration)
    fetched = subprocess.run([ROOT / "hadoop" / "fetch.sh"], stdout=subprocess.PIPE, text=True, check=False)
    if fetched.returncode == 69:
        skip("Hadoop's jars could not be fetched")
    for name in ("namenode", "datanode"):
        (folder / f"data-{name}").mkdir()
        services.start(name, ROOT / "docker" / "hadoop" / "run.sh",
                       {"HADOOP_JARS": fetched.stdout.strip(), "HADOOP_CONF": str(configuration),
                        "HADOOP_DATA": str(folder / f"data-{name}"), "HADOOP_USER_NAME": "digitd"})
    for name in ("namenode", "datanode"):
        services.until(name, lambda name=name: services.healthy(name))


def start_prometheus(services, folder):
    checker = promtool.find()
    if checker is None:
        return None
    # Its configuration names the other file beside it.
    for mount in services.all["prometheus"]["volumes"]:
        source, place = mount.split(":")[:2]
        if source.startswith("."):
            shutil.copy(FILE.parent / source, folder / Path(place).name)
    services.all["prometheus"]["command"] = [
        word.replace("/etc/prometheus/", f"{folder}/") for word in services.all["prometheus"]["command"]]
    return services.start("prometheus", Path(checker).with_name("prometheus"))


def query(expression):
    url = "http://prometheus:9090/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    try:
        return json.loads(get(url))["data"]["result"]
    except urllib.error.HTTPError as refused:
        raise Failure(f"Prometheus refuses {expression}: {refused.read()}") from None


def check_dashboard(services):
    """It is where Grafana looks, its source is Prometheus, and Prometheus takes each of its queries."""
    def given(place):
        mounts = [mount.split(":") for mount in services.all["grafana"]["volumes"]]
        return FILE.parent / next(source for source, inside, _ in mounts if inside.startswith(place))

    source = yaml.safe_load(given("/etc/grafana/provisioning/datasources").read_text())["datasources"][0]
    check((source["type"], source["url"]) == ("prometheus", "http://prometheus:9090"), source)
    provider = yaml.safe_load(given("/etc/grafana/provisioning/dashboards").read_text())["providers"][0]
    dashboard = json.loads((given(provider["options"]["path"]) / "digitd.json").read_text())
    home = services.all["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    check(home == provider["options"]["path"] + "/digitd.json", home, "is not where dashboards are")
    asked = answered = 0
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = (target["expr"].replace("$__rate_interval", "1m").replace("$job", "digitd")
                          .replace("$instance", ".*"))
            asked, answered = asked + 1, answered + bool(query(expression))
    return asked, answered


def run(programs, folder):
    with Services(folder, programs, {"TRAIN_LIMIT": "3000", "TRAIN_RECIPE": "quick"}) as services:
        check_text(services)
        (folder / "tmp").mkdir()
        digitd = {"DIGITD_HOST": "0.0.0.0", "DIGITD_CACHE": str(folder / "models")}  # as in the image
        services.start("digitd", programs["digitd"], digitd)
        services.until("digitd", lambda: b"version" not in get("http://digitd:9091/livez"))
        check(not services.healthy("digitd"), "digitd is said to be healthy without a model")
        prometheus = start_prometheus(services, folder)
        start_hadoop(services, folder)
        trainer = services.start("trainer", programs["digit"])
        check(trainer.wait(300) == 0, f"the trainer fails:\n{services.said('trainer')}")
        services.until("digitd", lambda: services.healthy("digitd"))
        served = json.loads(get("http://digitd:8080/model"))
        check(services.all["digitd"]["environment"]["DIGITD_MODEL"] in json.dumps(served), served)
        check(b"<title>" in get("http://digitd:8080/"), "there is no page")
        check_prediction(8080)
        if prometheus is None:
            print("left out: Prometheus could not be had")
            return "no figures"
        services.until("prometheus", lambda: query("digitd_predictions_total") and
                       sum(float(each["value"][1]) for each in query("digitd_predictions_total")) >= 1)
        asked, answered = check_dashboard(services)
        return f"{answered} of the dashboard's {asked} queries have a result"


def main():
    programs = dict(zip(("digitd", "digit", "data"), (Path(word).resolve() for word in sys.argv[1:])))
    for program in ("java", "curl", "unshare", "ip"):
        if shutil.which(program) is None:
            skip(f"there is no {program}")
    if os.geteuid() != 0:
        skip("a network of its own is made by root alone here")
    if not os.environ.get(INSIDE):
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc",
                              "--kill-child", sys.executable, "-B", *sys.argv])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hosts = folder / "hosts"
        names = " ".join(yaml.safe_load(FILE.read_text())["services"])
        hosts.write_text(f"127.0.0.1 localhost {os.uname().nodename} {names}\n")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        try:
            print(f"compose: a model out of HDFS is served; {run(programs, folder)}")
        finally:
            subprocess.run(["umount", "/etc/hosts"], check=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"compose: {failure}")
