"""What was measured, as Markdown and as plots."""

import statistics

import plot
import part_page
import part_scale
import report_robust
from tables import table

NAMES = {"torch": "libtorch (our engine)", "onnxruntime": "ONNX Runtime", "eager": "PyTorch, eager"}


def flops(card):
    """Operations for an image when convolutions are computed as they are defined."""
    total, side = 0, 28
    for layer in card["network"]["layers"]:
        if layer["kind"] == "conv2d":
            side += 2 * layer.get("padding", 0) - layer["kernel"] + 1
            total += 2 * layer["in"] * layer["out"] * layer["kernel"] ** 2 * side**2
        elif layer["kind"] == "maxpool2d":
            side //= layer["kernel"]
        elif layer["kind"] == "linear":
            total += 2 * layer["in"] * layer["out"]
    return total


def ratio(ours, other):
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(ours["rounds"], other["rounds"]))


def us_table(us, kind, batches):
    rows = []
    for name, kinds in us.items():
        if name != "empty":
            cells = [
                f"{kinds[kind][b]['best']:.1f} ({kinds[kind][b]['median']:.1f})" for b in batches
            ]
            rows.append([NAMES.get(name, name), *cells])
    return table(["µs an image, best (median), at batch", *batches], rows)


def ratio_table(us, batches):
    """How our fastest engine's time compares with the others'."""
    best = next(iter(us))
    rows = [
        [
            f"{NAMES[other]}, {kind}",
            *(f"{ratio(us[best][kind][b], us[other][kind][b]):.2f}" for b in batches),
        ]
        for other in ("onnxruntime", "eager")
        if other in us
        for kind in ("digits", "dense")
    ]
    if not rows:
        return ""
    return f"\nThe time of `{best}` over that of the others (median of the rounds):\n\n" + table(
        ["batch", *batches], rows
    )


def engines_section(found, card, plan):
    us, batches, operations = found["us"], plan.batches, flops(card)
    best = next(iter(us))
    fastest = min(us[best]["dense"][b]["best"] for b in batches)
    peaks = ", ".join(f"{isa} {peak['best']:.0f}" for isa, peak in found["peak"].items())
    floor = us["empty"]["digits"][batches[0]]["best"] if "empty" in us else 0
    return "\n".join(
        [
            "## Engines, one thread\n",
            "Processor time of the whole process, so that neither other programs nor hidden threads "
            "count wrongly. Real MNIST test digits:\n",
            us_table(us, "digits", batches),
            "\nRandom pixels (`dense`: nothing is blank):\n",
            us_table(us, "dense", batches),
            ratio_table(us, batches),
            f"\nThe processor's measured peak, GFLOP/s on one core: {peaks}. An image is "
            f"{operations / 1e6:.2f} MFLOP when convolutions are computed as defined; on random pixels "
            f"`{best}` at its best does the work of {operations / fastest / 1e3:.0f} GFLOP/s (Winograd's "
            "method needs fewer operations for the same result, so this may exceed the peak).",
            (
                f"\nOf ONNX Runtime's time at batch {batches[0]}, about {floor:.1f} µs are the call from "
                "Python."
                if floor
                else ""
            ),
            "\n"
            + "; ".join(
                f"{NAMES.get(name, name)}: {about}"
                for name, about in found["about"].items()
                if name != "empty"
            )
            + ".",
        ]
    )


def server_section(found):
    rows = [
        [
            connections,
            f"{run['best']:,.0f} ({run['rps']:,.0f})",
            f"{run['p50'] / 1000:.2f}",
            f"{run['p99'] / 1000:.2f}",
            f"{run['p99.9'] / 1000:.2f}",
            run["errors"],
            f"{run['others']:.0%}",
        ]
        for connections, run in found["load"].items()
    ]
    start, memory = found["start"], found["memory"]
    return "\n".join(
        [
            "## Server\n",
            "`wrk` on the same cores, base64 PNGs of 1,000 test digits. Latencies are the median run's, "
            "and so is the share of the cores that other programs took meanwhile.\n",
            table(
                [
                    "connections",
                    "requests/s, best (median)",
                    "p50 ms",
                    "p99 ms",
                    "p99.9 ms",
                    "errors",
                    "others",
                ],
                rows,
            ),
            "",
            table(
                ["", "digitd"],
                [
                    [
                        "from exec to the first 200, best (median)",
                        f"{start['best']:.1f} ms ({start['median']:.1f} ms)",
                    ],
                    ["peak memory after load", f"{memory['loaded']:.1f} MB"],
                    [
                        f"resident after {memory['early_requests']:,} requests",
                        f"{memory['early']:.1f} MB",
                    ],
                    [
                        f"resident after {memory['requests']:,} requests ({memory['errors']} errors)",
                        f"{memory['late']:.1f} MB",
                    ],
                    ["the program, stripped", f"{found['size']:.0f} KB"],
                ],
            ),
        ]
    )


def peer_row(name, server, ratios):
    loads = server["loads"]

    def cell(text, connections, key):
        known = ratios.get(name)
        return f"{text} (×{known[connections][key]['median']:.2f})" if known else text

    first = next(iter(loads))
    return [
        name,
        *(cell(f"{load['req/s']:,.0f}", c, "req/s") for c, load in loads.items()),
        *(cell(f"{loads[first][key] / 1000:.2f}", first, key) for key in ("p50", "p99")),
        f"{server['start'] * 1000:,.0f}",
        f"{server['rss']:.0f}",
        f"{server['size']:,.1f}",
        f"{sum(load['bad'] for load in loads.values()):.0f}",
    ]


def peers_section(found):
    servers = found["servers"]
    connections = next(iter(servers.values()))["loads"]
    rows = [peer_row(name, server, found["ratios"]) for name, server in servers.items()]
    return "\n".join(
        [
            "## Beside other servers\n",
            "Medians of the rounds. In brackets: digitd's figure over this one's, each run of the other "
            "compared with those of digitd right before and after. Size is what is installed beside "
            "Python and shared libraries of the system.\n",
            table(
                [
                    "server",
                    *(f"req/s at {c}" for c in connections),
                    "p50 ms at 1",
                    "p99 ms at 1",
                    "start ms",
                    "memory MB",
                    "size MB",
                    "errors",
                ],
                rows,
            ),
        ]
    )


def train_section(found):
    names = {"digit": "`digit train --recipe quick`", "plain": "plain PyTorch, the same recipe"}
    rows = []
    for name, runs in found["runs"].items():
        seconds, used, accuracy = (
            [run[key] for run in runs] for key in ("seconds", "used", "accuracy")
        )
        rows.append(
            [
                names[name],
                f"{min(seconds):.1f} ({statistics.median(seconds):.1f})",
                f"{statistics.median(used):.1f}",
                f"{statistics.mean(accuracy):.2%}",
            ]
        )
    return "\n".join(
        [
            f"## Training, {found['threads']} threads\n",
            f"Whole programs from start to end, loading and testing included; {found['library']} and "
            "the PyTorch of this Python. The script (tests/bench/train_plain.py) has the data in "
            "memory as one tensor and no DataLoader.\n",
            table(
                ["", "seconds, best (median)", "processor seconds", "test accuracy, mean"],
                rows,
            ),
            f"\nPyTorch takes {found['ratio']:.2f} times as long (median of "
            f"{len(found['runs']['digit'])} rounds).",
        ]
    )


def markdown(found, card, plan):
    m = found["machine"]
    parts = [
        "# Performance\n",
        f"{m['processor']}, {m['cores']} {'virtual ' if m['virtual'] else ''}cores; Linux "
        f"{m['kernel']}, {m['system']}; {m['compiler']}. digitd {found['commit']}, {found['date']}. "
        f"Load average {found['load_average']:.1f} when it began; other programs took "
        f"{' / '.join(f'{share:.0%}' for share in found['others'])} of the cores before each part.\n",
    ]
    if "engines" in found:
        parts.append(engines_section(found["engines"], card, plan) + "\n")
    if "server" in found:
        parts.append(server_section(found["server"]) + "\n")
    if "train" in found:
        parts.append(train_section(found["train"]) + "\n")
    if "robust" in found:
        parts.append(report_robust.section(found["robust"]) + "\n")
    if "page" in found:
        parts.append(part_page.section(found["page"]) + "\n")
    if "scale" in found:
        parts.append(part_scale.section(found["scale"]) + "\n")
    if found.get("peers"):
        parts.append(peers_section(found["peers"]) + "\n")
    return "\n".join(parts)


def plots(found, plan):
    """{file name: SVG}"""
    made = {}
    if "engines" in found:
        rows = {
            NAMES.get(name, name): [kinds["digits"][b]["best"] for b in plan.batches]
            for name, kinds in found["engines"]["us"].items()
            if name != "empty"
        }
        made["engines.svg"] = plot.lines(
            "Microseconds an image, one thread (less is better)",
            "batch",
            plan.batches,
            rows,
            log=True,
        )
    if "server" in found:
        load = found["server"]["load"]
        made["server.svg"] = plot.lines(
            "Requests a second (more is better)",
            "connections",
            list(load),
            {"digitd": [run["rps"] for run in load.values()]},
        )
    if found.get("peers"):
        servers = found["peers"]["servers"]
        made["peers.svg"] = plot.bars(
            "Requests a second (more is better)",
            {
                f"{c} connection{'s' if c > 1 else ''}": {
                    name: server["loads"][c]["req/s"] for name, server in servers.items()
                }
                for c in next(iter(servers.values()))["loads"]
            },
        )
    return made
