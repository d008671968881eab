"""A report on leakage in sentences for people who share models and people who review them."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.findings.leakage import (
    Answers,
    Attribute,
    Canaries,
    Exposure,
    Interval,
    LeakageReport,
    Method,
    Strongest,
    Task,
    Tier,
)

__all__ = ["METHODS", "canary_words", "words"]

METHODS = {
    Method.loss: "how sure the model is of the truth",
    Method.by_class: "how sure it is, compared with others of the same class",
    Method.by_neighbours: "how sure it is, compared with the most similar other records",
    Method.ratio: "comparison with models that never saw the record (RMIA)",
    Method.difference: "comparison with models that never saw the record (difference)",
    Method.offline: "comparison with models that never saw the record (LiRA offline)",
    Method.online: "comparison with models that did and that did not see the record (LiRA online)",
    Method.learned: "all comparisons together, weighed as models trained for the attack teach it",
}
ASKED = {
    Answers.probabilities: "ask the model for probabilities",
    Answers.scores: "ask the model for its scores",
    Answers.labels: "ask the model for the class",
    Answers.numbers: "ask the model for its prediction",
}
NOTHING = "No attack we tried did better than chance; attacks not tried might."
MISSING = 0.01  # p-value from which members are surely missing in the tail
SHOWN = 5  # positions that a sentence names


def words(report: LeakageReport) -> list[str]:
    """Return what a report says, the most important first; the last ones are its gaps."""
    return [
        *_membership(report),
        *_doubts(report),
        *_exposed(report),
        *_guessed(report),
        *_around(report),
        *report.gaps,
    ]


def canary_words(found: Canaries) -> list[str]:
    """Return what was found of planted records, in a sentence, and how it was measured."""
    said = (
        "It remembers single records that nothing else in its data explains."
        if found.remembered
        else "It was not seen to remember single records that nothing else explains."
    )
    return [
        said,
        f"{found.planted} made-up records were planted before training, and {found.aside} kept "
        f"aside. Shown one of each, an attacker picks the planted one in {_times(found.auc)} of "
        f"100 tries ({_between(found.interval)}; 50 is guessing).",
        f"A planted record is exposed by {found.exposure:.1f} bits on average; {found.chance:.1f} "
        "would be chance.",
    ]


def _membership(report: LeakageReport) -> Iterator[str]:
    best = report.strongest
    if best is None:
        yield "No attack could be carried out, so it is not known what the model gives away."
        return
    chance = best.interval.low <= 0.5 and not _recognises(best)
    if chance:
        yield NOTHING
    count = f"the best of {best.tried} attacks" if best.tried > 1 else "the one attack tried"
    yield (
        f"An attacker who has a person's full record and can {ASKED[report.answers]}, shown one "
        f"record from the training data and one that is not, picks the right one in "
        f"{_times(best.auc)} of 100 tries ({_between(best.interval)}; 50 is guessing), by "
        f"{count}: {METHODS[best.method]}."
    )
    yield _rate(best)
    yield (
        f"This was measured on {report.members} records of the training data and "
        f"{report.nonmembers} others"
        + (f", with {report.references} reference models." if report.references else ".")
    )


def _doubts(report: LeakageReport) -> Iterator[str]:
    if report.shifted:
        yield (
            f"Training data and holdout differ in {', '.join(report.shifted[:SHOWN])}"
            f"{' and others' if len(report.shifted) > SHOWN else ''}: part of what was found, or "
            "not found, may be that. Split both from one table by chance to know."
        )


def _rate(best: Strongest) -> str:
    at = f"{best.rate.at:.0%}".replace("%", " %")
    if best.rate.value is None or best.rate.interval is None:
        return "There are too few other records to say how many are recognised for certain."
    small = ""
    if best.rate.interval.low == 0:
        small = " There are too few other records to be sure that it is more than none."
    return (
        f"If the attacker may wrongly accuse {at} of the others, {_share(best.rate.value)} % of "
        f"the training records are recognised (between {_share(best.rate.interval.low)} and "
        f"{_share(best.rate.interval.high)} %; {at} is guessing).{small}"
    )


def _recognises(best: Strongest) -> bool:
    return best.rate.interval is not None and best.rate.interval.low > best.rate.at


def _exposed(report: LeakageReport) -> Iterator[str]:
    if report.exposure is not None and report.exposure.positions:
        yield _positions(report.exposure)
    by_group = [one for one in report.groups if one.interval.low > 0.5]
    if by_group and len(report.groups) > 1:
        worst = by_group[0]
        yield (
            f"Most exposed is {worst.of} {worst.name} ({worst.members} records): the right one of "
            f"a pair in {_times(worst.auc)} of 100 tries ({_between(worst.interval)})."
        )
    tail = report.tail
    if tail is not None and tail.p_value < MISSING:
        yield (
            f"The model is most wrong about {_share(tail.nonmembers)} % of the other records, but "
            f"about only {_share(tail.members)} % of the training records: it has learned some of "
            "them by heart."
        )


def _positions(exposure: Exposure) -> str:
    first = ", ".join(str(place) for place in exposure.positions[:SHOWN])
    more = " and others" if exposure.recognised > SHOWN else ""
    return (
        f"{exposure.recognised} training records stand out, where chance would make it about "
        f"{round(exposure.expected)}; the most exposed are in rows {first}{more}, counted from 0."
    )


def _guessed(report: LeakageReport) -> Iterator[str]:
    told = [one for one in report.attributes if one.interval.low > 0]
    for one in told:
        yield _column(one)
    silent = [one.column for one in report.attributes if one.interval.low <= 0]
    if silent:
        yield (
            f"The model did not help to guess {', '.join(silent[:SHOWN])}"
            f"{' and others' if len(silent) > SHOWN else ''}: the rest of a record says as much."
        )


def _column(one: Attribute) -> str:
    said = (
        f"Who knows the rest of a record guesses {one.column} right for {_times(one.with_model)} "
        f"of 100 people with the model, and for {_times(one.without_model)} without it."
    )
    if one.training_interval.low > 0:
        return f"{said} It works better on people in the training data than on others."
    return f"{said} It works as well on people who are not in the training data."


def _around(report: LeakageReport) -> Iterator[str]:
    done = report.performance
    if done is not None:
        share = report.task is Task.classification
        inside, outside = (
            (f"{_share(done.members)} %", f"{_share(done.nonmembers)} %")
            if share
            else (f"{done.members:.2f}", f"{done.nonmembers:.2f}")
        )
        yield f"The model's {done.metric} is {inside} on its training data and {outside} on others."
    if report.tier is Tier.quick:
        yield "A quick look can find that a model gives much away, but not that it does not."


def _times(share: float) -> int:
    return round(100 * share)


def _share(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _between(around: Interval) -> str:
    return f"between {_times(around.low)} and {_times(around.high)}"
