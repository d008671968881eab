"""An inspection as one row for each check, in words that need no course."""

from __future__ import annotations

from workbench.findings.leakage import Canaries
from workbench.findings.leakage_words import canary_words
from workbench.findings.scan import Outcome, ScanReport
from workbench.findings.statement import Inspection
from workbench.findings.statement import facts as of_inspection
from workbench.listing import Facts
from workbench.vocabulary import Band, Labelling, Verdict

__all__ = ["rows"]


def rows(facts: Facts, found: Inspection) -> list[dict[str, str]]:
    """Return one row for each check: how it came out, in a sentence, and what to do.

    Records are planted by who wants to; where there are none, they have no row.
    """
    shown = [
        _scan(facts, found.scan),
        _form(facts, found),
        _retained(facts, found),
        _leakage(facts),
        *([_canaries(found.canaries)] if found.canaries is not None else []),
        _hidden(facts, found),
        _labels(facts),
    ]
    return [_agreeing(row, facts, found) for row in shown]


def _agreeing(row: dict[str, str], facts: Facts, found: Inspection) -> dict[str, str]:
    """Return the row, or one that says that the listing and its evidence disagree."""
    name, part = _BEHIND.get(row["key"], ("", ""))
    if not name or getattr(found, part) is None:
        return row
    listed, measured = getattr(facts, name), getattr(of_inspection(facts, found), name)
    if listed == measured:
        return row
    said = f"The listing says {listed}, but what was measured says {measured}."
    return _row(row["key"], row["title"], "failed", said, "Do not rely on it; ask its owner.")


_BEHIND = {
    "scan": ("scan", "scan"),
    "form": ("safe_form", "scan"),
    "retained": ("retained_rows", "retained"),
    "leakage": ("leakage", "leakage"),
    "hidden": ("hidden", "hidden"),
}


def _scan(facts: Facts, report: ScanReport | None) -> dict[str, str]:
    sentence = {
        Verdict.passed: "No file can run somebody else's code when it is opened.",
        Verdict.failed: "A file could run somebody else's code when it is opened.",
        Verdict.unknown: "Nobody has looked into the files for code.",
    }[facts.scan]
    bad = [one for one in report.files if one.outcome is Outcome.unsafe] if report else []
    remedies = [one.remedy for file in bad for one in file.findings if one.remedy]
    advice = remedies[0] if remedies else ""
    return _row("scan", "Unsafe content", facts.scan.value, sentence, advice)


def _form(facts: Facts, found: Inspection) -> dict[str, str]:
    title = "Safe form"
    if facts.safe_form is Verdict.failed and facts.scan is not Verdict.failed:
        return _row("form", title, "concern", _PICKLE, "Ask for skops, safetensors or JSON.")
    sentence = {
        Verdict.passed: "Every file is in a form that holds data only.",
        Verdict.failed: "A file is in a form that can hold code.",
        Verdict.unknown: "Nobody has looked which forms the files are in.",
    }[facts.safe_form]
    if found.converted is not None:
        sentence += " It says the same as the model in the notebook."
    return _row("form", title, facts.safe_form.value, sentence)


_PICKLE = "It is a pickle: all that it asks for is known and harmless, but it is a program."


def _retained(facts: Facts, found: Inspection) -> dict[str, str]:
    title = "Training rows inside the model"
    report = found.retained
    if report is None:
        sentence = {
            Verdict.passed: "No training row sits in the model.",
            Verdict.failed: "Training rows sit in the model.",
            Verdict.unknown: "Nobody has looked for training rows in the model.",
        }[facts.retained_rows]
        return _row("retained", title, facts.retained_rows.value, sentence)
    remedy = next((one.remedy for one in report.found if one.remedy), "")
    outcome = facts.retained_rows.value
    sentence = report.sentences()[0]
    if outcome == Verdict.passed and report.found:
        outcome = "concern"
        sentence += f" But {report.found[0].sentence()}"
    return _row("retained", title, outcome, sentence, remedy)


def _leakage(facts: Facts) -> dict[str, str]:
    outcome, sentence, advice = {
        Band.unknown: ("unknown", "Nobody has measured what the model gives away.", ""),
        Band.low: ("passed", "The attacks that were tried did hardly better than chance.", ""),
        Band.medium: ("concern", "Some of what it learned from may be recognised.", ""),
        Band.high: ("failed", "It can often be told who was in the training data.", _SMOOTHER),
    }[facts.leakage]
    return _row("leakage", "Leakage", outcome, sentence, advice)


_SMOOTHER = (
    "Ask for a version that was trained with more people behind each rule (trees: "
    "min_samples_leaf of 20 or more; others: more regularisation), or offer hosted use only."
)


def _canaries(found: Canaries) -> dict[str, str]:
    outcome = "concern" if found.remembered else "passed"
    advice = _SMOOTHER if found.remembered else ""
    return _row("canaries", "Planted records", outcome, canary_words(found)[0], advice)


def _hidden(facts: Facts, found: Inspection) -> dict[str, str]:
    alarms = found.hidden.alarms if found.hidden else ()
    if facts.hidden is Verdict.passed and (alarms or (found.screen and found.screen.found)):
        said = "Something about its numbers is unusual; a person has to weigh it."
        return _row("hidden", "Hidden content", "concern", said)
    sentence = {
        Verdict.passed: "Nothing was found beside the model in its numbers.",
        Verdict.failed: "Something else is stored in the numbers of the model.",
        Verdict.unknown: "Nobody has looked for what may be hidden in its numbers.",
    }[facts.hidden]
    advice = "Ask for a version with rounded weights." if facts.hidden is Verdict.failed else ""
    return _row("hidden", "Hidden content", facts.hidden.value, sentence, advice)


def _labels(facts: Facts) -> dict[str, str]:
    outcome, sentence = {
        Labelling.unknown: ("unknown", "Its lineage was not kept, so nobody knows which data."),
        Labelling.partial: ("failed", "Some of the data that it was trained on has no label."),
        Labelling.complete: ("passed", "All data that it was trained on is labelled."),
    }[facts.labels]
    return _row("labels", "Labels on the data", outcome, sentence)


def _row(key: str, title: str, outcome: str, sentence: str, advice: str = "") -> dict[str, str]:
    return {
        "key": key,
        "title": title,
        "outcome": outcome,
        "sentence": sentence,
        "advice": advice,
    }
