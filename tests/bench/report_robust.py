"""The tables of part_robust.py, as Markdown."""

from tables import table


def percent(share, digits=2):
    return "" if share is None else f"{share:.{digits}%}"


def digit_rows(rows):
    head = ["", "right", "95% interval", "pictures", "goal", "refused", "uncertain", "mistakes"]
    return table(head, [
        [
            row["name"] if row["met"] is not False else f"**{row['name']}**",
            percent(row["accuracy"]),
            "–".join(f"{end * 100:.2f}" for end in row["interval"]),
            row["count"],
            percent(row["goal"]),
            percent(row["refused"], 1),
            percent(row["uncertain"], 1),
            ", ".join(f"{label}→{got} {often}" for label, got, often in row["mistakes"][:3]),
        ]
        for row in rows
    ])  # fmt: skip


def other_rows(rows, areas):
    head = ["", "surer than 0.9", "median confidence", "pictures", "refused", "uncertain", "ROC area"]
    return table(head, [
        [
            row["name"],
            percent(row["surer_than_0.9"], 1),
            f"{row['confidence']:.3f}",
            row["count"],
            percent(row["refused"], 1),
            percent(row["uncertain"], 1),
            f"{areas[row['name']]:.4f}",
        ]
        for row in rows
    ])  # fmt: skip


def styles(counts, most=12):
    worst = [(style, right, count) for style, (right, count) in counts.items() if right < count]
    return ", ".join(f"{style} ({right} of {count})" for style, right, count in worst[:most]) or "none"


def short(found):
    """Each row and how often it is right, for a README."""
    rows = []
    for group in found["groups"]:
        if "accuracy" in group["rows"][0]:
            rows.append([f"**{group['name']}**", ""])
            rows += [[row["name"], percent(row["accuracy"])] for row in group["rows"]]
    return table(["", "right"], rows) + "\n"


def section(found):
    areas = found["rejection"]
    parts = [
        "## What people draw\n",
        f"{found['model']['name']} ({found['model']['version']}), right on "
        f"{percent(found['evaluated'])} of the test images by `digit evaluate`. In bold what misses its goal. "
        + ("" if found["share"] == 1 else f"A quick look: {found['share']:.1%} of the pictures.")
        + "\n",
    ]
    for group in found["groups"]:
        is_other = "accuracy" not in group["rows"][0]
        rows = other_rows(group["rows"], areas["by_kind"]) if is_other else digit_rows(group["rows"])
        parts += [f"### {group['name']}\n", rows + "\n"]
        if group["together"]:
            parts.append(f"All rows with a goal together: {percent(group['together'])}.\n")
    parts += [
        "Area under the ROC curve, digit against no digit, by `confidence` (refused: 0): "
        + ", ".join(f"{kind} {value:.4f}" for kind, value in areas["auc"].items())
        + ". Uncertain or refused: "
        + ", ".join(f"{kind} {percent(value, 1)}" for kind, value in areas["uncertain"].items())
        + ".\n",
        f"Ways of drawing that were read wrongly most: {styles(found['styles'])}.",
    ]
    return "\n".join(parts)
