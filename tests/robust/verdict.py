"""What the answers amount to: accuracies a row, and how well digits and other things are told apart."""

import math
from collections import Counter

import numpy as np

from measure import Answers
from rows import CLEAN, DRAWN, GROUPS, NO_DIGITS


def wilson(right, count, z=1.96):
    """The 95% interval of a share."""
    share, extra = right / count, z * z / count
    middle = (share + extra / 2) / (1 + extra)
    half = z / (1 + extra) * math.sqrt(share * (1 - share) / count + extra / count / 4)
    return middle - half, middle + half


def flagged(answers):
    """The share of answers that call themselves uncertain, or are none."""
    said = [word or got < 0 for word, got in zip(answers.uncertain, answers.predictions)]
    return sum(said) / len(said)


def mistakes(answers):
    """[[label, what was said, how often]], the most frequent first; refusals do not count."""
    pairs = Counter(
        (label, got) for label, got in zip(answers.labels, answers.predictions) if got not in (label, -1)
    )
    return [[*pair, often] for pair, often in pairs.most_common(5)]


def row_verdict(row, answers, clean):
    count = len(answers.labels)
    goal = row.goal if row.goal is None or row.goal > 0 else clean + row.goal
    accuracy = answers.right / count
    return {
        "name": row.name,
        "count": count,
        "accuracy": accuracy,
        "interval": wilson(answers.right, count),
        "goal": goal,
        "met": None if goal is None else accuracy >= goal - 1e-9,
        "bound": row.bound,
        "refused": answers.refused / count,
        "uncertain": flagged(answers),
        "mistakes": mistakes(answers),
    }


def other_verdict(row, answers):
    confidences = np.array(answers.confidences)
    return {
        "name": row.name,
        "count": len(confidences),
        "refused": answers.refused / len(confidences),
        "confidence": float(np.median(confidences)),
        "surer_than_0.9": float((confidences > 0.9).mean()),
        "uncertain": flagged(answers),
    }


def area(positives, negatives):
    """Under the ROC curve: how often a digit comes back surer than what is none; ties count half."""
    both = np.concatenate([positives, negatives])
    values, place = np.unique(both, return_inverse=True)
    counts = np.bincount(place, minlength=len(values))
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n, m = len(positives), len(negatives)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def styles_verdict(found):
    """{style: [right, of how many]} of all that was made here, those that are most often wrong first."""
    counts = {}
    for (g, _), answers in found.items():
        if GROUPS[g].source != "made":
            continue
        for style, label, got in zip(answers.styles, answers.labels, answers.predictions):
            if label is not None:
                pair = counts.setdefault(style, [0, 0])
                pair[0] += label == got
                pair[1] += 1
    return dict(sorted(counts.items(), key=lambda item: item[1][0] - item[1][1]))


def rejection_verdict(found):
    """Digit against no digit, by confidence; the digits are those of MNIST as they are and the drawn ones."""
    digits = {"MNIST": Answers(), "drawn": Answers()}
    others, every = {}, Answers()
    for (g, r), answers in found.items():
        group, row = GROUPS[g], GROUPS[g].rows[r]
        if row.name == CLEAN:
            digits["MNIST"].join(answers)
        elif group is DRAWN and row.goal is not None:
            digits["drawn"].join(answers)
        elif group is NO_DIGITS:
            others[row.name] = answers
            every.join(answers)
    both = [sure for answers in digits.values() for sure in answers.confidences]
    return {
        "auc": {kind: area(answers.confidences, every.confidences) for kind, answers in digits.items()},
        "by_kind": {name: area(both, answers.confidences) for name, answers in others.items()},
        "uncertain": {kind: flagged(answers) for kind, answers in (*digits.items(), ("no digit", every))},
    }


def together(rows):
    """The accuracy of all rows that have a goal."""
    aimed = [row for row in rows if row.get("goal")]
    total = sum(row["count"] for row in aimed)
    return sum(row["accuracy"] * row["count"] for row in aimed) / total if total else None


def judge(found):
    clean = next(a for (g, r), a in found.items() if GROUPS[g].rows[r].name == CLEAN)
    clean = clean.right / len(clean.labels)
    groups = []
    for g, group in enumerate(GROUPS):
        if (g, 0) not in found:
            continue
        answers = [found[g, r] for r in range(len(group.rows))]
        rows = [
            other_verdict(row, got) if None in got.labels else row_verdict(row, got, clean)
            for row, got in zip(group.rows, answers)
        ]
        groups.append({"name": group.name, "rows": rows, "together": together(rows)})
    return {"groups": groups, "styles": styles_verdict(found), "rejection": rejection_verdict(found)}
