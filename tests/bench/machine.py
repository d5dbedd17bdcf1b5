"""Which machine this is, and how busy it is with other things."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path


def processor():
    text = Path("/proc/cpuinfo").read_text()
    names = [
        re.search(rf"^{field}\s*:\s*(.+)$", text, re.M)
        for field in ("model name", "CPU part", "cpu family", "model")
    ]
    name, part, family, model = (found.group(1) if found else None for found in names)
    if family and model:  # a virtual machine's name may say little
        return f"{name} (family {family}, model {model})"
    return name or f"{platform.machine()} part {part}"


def distribution():
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")


def compiler(build):
    """The C compiler of that build folder."""
    cache = Path(build, "CMakeCache.txt").read_text()
    command = re.search(r"^CMAKE_C_COMPILER:\w+=(.+)$", cache, re.M).group(1)
    return subprocess.run(
        [command, "--version"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()[0]


def cores():
    """Physical ones that this process may use, as `digit train` counts them."""
    found = set()
    for number in os.sched_getaffinity(0):
        path = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        found.add(path.read_text() if path.exists() else number)
    return len(found)


def describe(build):
    hypervisor = " hypervisor" in Path("/proc/cpuinfo").read_text()
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "virtual": hypervisor,
        "kernel": platform.release(),
        "system": distribution(),
        "compiler": compiler(build),
    }


def _ticks():
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, idle, wait, irq, softirq, steal = map(int, fields[:8])
    return idle + wait, user + nice + system + irq + softirq + steal


def busy(seconds=2):
    """The share of all cores that others take while this program sleeps."""
    idle, used = _ticks()
    time.sleep(seconds)
    idle_later, used_later = _ticks()
    used, idle = used_later - used, idle_later - idle
    return used / max(used + idle, 1)


class Others:
    """In `share`, after its block: how much of all cores others took within it, others than this
    program, the programs that it ran to their end, and the processes `pids`. In `theirs`: the
    seconds of processor time that these processes took."""

    def __init__(self, *pids):
        self.stats = [Path(f"/proc/{pid}/stat") for pid in pids]

    def _now(self):
        theirs = 0
        for stat in self.stats:
            fields = stat.read_text().rpartition(")")[2].split()
            theirs += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        idle, used = _ticks()
        ours = theirs + sum(os.times()[:4])
        return theirs, ours, used / os.sysconf("SC_CLK_TCK"), idle + used

    def __enter__(self):
        self.before = self._now()
        return self

    def __exit__(self, *_):
        spans = (later - sooner for sooner, later in zip(self.before, self._now()))
        self.theirs, ours, used, ticks = spans
        self.share = max(0.0, (used - ours) * os.sysconf("SC_CLK_TCK") / max(ticks, 1))
