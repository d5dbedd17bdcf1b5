"""The files in ops/ against the real thing: what the dashboard and the alerts ask for is counted, what
the units set can be set, and the tools that will read them take them.

    monitoring.py DIGITD WEIGHTS
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import promtool
from support import Failure, Server, check, request

OPS = Path(__file__).resolve().parents[2] / "ops"
EXPOSURE_MAX = 20  # tenths; what systemd calls OK ends at 50
METRIC = re.compile(r"\b(?:digitd|process)_[a-z0-9_]+\b")
LABEL = re.compile(r"\b([a-z_]+)(?:=~?|!=|!~)\"")


def expressions():
    """Every query, and where it stands."""
    dashboard = json.loads((OPS / "grafana" / "digitd.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    check(len(ids) == len(set(ids)), "panels have the same id")
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]
    rules = (OPS / "prometheus" / "alerts.yml").read_text()
    for rule in rules.split("- alert: ")[1:]:
        yield rule.split("\n")[0], rule.split("expr:")[1].split("\n        for:")[0]


def check_queries(digitd, weights):
    with Server([digitd, "--model", weights]) as server, server.connect() as connection:
        for body in (b"none", (OPS.parent / "tests" / "pictures" / "seven.png").read_bytes()):
            request(connection, "POST", "/predict", body, "image/png")
        request(connection, "GET", "/metrics")  # so that all that came before is counted
        text = request(connection, "GET", "/metrics").body.decode()
    samples = {re.split(r"[ {]", line)[0] for line in text.splitlines() if line[0] != "#"}
    labels = set(re.findall(r"[{,]([a-z_]+)=\"", text)) | {"job", "instance"}
    asked = set()
    for place, expression in expressions():
        names = set(METRIC.findall(expression)) - {"digitd"}
        check(names or "up{" in expression, place, "asks for nothing")
        check(names <= samples, place, "asks for", names - samples, "which nobody counts")
        check(set(LABEL.findall(expression)) <= labels, place, "knows other labels:", expression)
        asked |= names
    return len(asked)


def check_prometheus():
    complaint = promtool.check("config", OPS / "prometheus" / "prometheus.yml")
    check(not complaint, complaint)


def check_units(digitd):
    """The units, with our program in the place of the installed one."""
    known = subprocess.run([digitd, "--help"], capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        for unit in (OPS / "systemd").iterdir():
            text = unit.read_text().replace("@bindir@", str(Path(digitd).resolve().parent))
            Path(folder, unit.name.removesuffix(".in")).write_text(text)
            for variable in re.findall(r"\bDIGITD_([A-Z_]+)=", text):
                flag = "--" + variable.lower().replace("_", "-")
                check(f" {flag} " in known, unit.name, "sets", variable, "which is no option")
        if shutil.which("systemd-analyze") is None:
            print("systemd-analyze: not here; that check is left out")
            return
        units = sorted(Path(folder).iterdir())
        for words in (["verify", *units],
                      ["security", "--offline=true", f"--threshold={EXPOSURE_MAX}",
                       Path(folder, "digitd.service")]):
            done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True,
                                  check=False)
            ours = [line for line in done.stderr.splitlines() if "digitd" in line]
            check(done.returncode == 0 and not ours, words[0], done.stdout[-300:], done.stderr)


def main():
    digitd, weights = sys.argv[1:]
    asked = check_queries(digitd, weights)
    check_prometheus()
    check_units(digitd)
    print(f"monitoring: {asked} series are asked for, and there")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"monitoring: {failure}")
