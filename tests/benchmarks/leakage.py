"""Membership attacks, measured; against sacroml's on the same models, records and split.

``measure SPLITS`` prints ours, measured now, beside sacroml's figures. Those were recorded once, in
``sacroml_figures.json``, as it needs an environment of gigabytes; a ratio of seconds compares now
with then. ``measure SPLITS --sacroml PYTHON`` first records them anew with that interpreter, and
ours with them. Both train the models themselves, and have to come to the same answers.

*AUC* is how often, of a member and a non-member, the member is picked: 0.5 is chance. ``@ 1 %`` is
the share of members recognised while 1 % of the non-members are taken for members. Ours are those
of the best of several attacks, which by itself looks better than chance; the *control*, a model
that saw none of the records, shows how much. All are medians over splits, for each number by
itself. Thorough trains as many references as it does if nobody says how many; with 8 it does what
it does with models that take long. Of its own attacks sacroml's worst case is the mean of ten
repetitions, each on a fifth of the records; without a hundred non-members among them there is no
rate at 1 %. Its QMIA is fitted on the very non-members that it is measured with. Seconds are those
of the processor, with one thread, so that they hold on a busy machine. sacroml has nothing for
regression: there the peer is training the model, once or as often as references are trained.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets, ensemble, linear_model, tree
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from tests.benchmarks.measuring import ROOT, Row, emit, median, peak, seconds

RECORDED = Path(__file__).with_name("sacroml_figures.json")
FEW = 8  # references: the fewest that thorough trains; it takes as many as a minute allows
SHADOWS = 100  # sacroml's default
RECORDED_SPLITS = 3
CONTROL = "control"
FEWER = f"thorough, {FEW} models"
MODELS: dict[str, Callable[[], Any]] = {
    "random forest": lambda: ensemble.RandomForestClassifier(100, random_state=0),
    "random forest, 20 a leaf": lambda: ensemble.RandomForestClassifier(
        100, min_samples_leaf=20, random_state=0
    ),
    "logistic regression": lambda: linear_model.LogisticRegression(max_iter=1000, random_state=0),
    "decision tree": lambda: tree.DecisionTreeClassifier(random_state=0),
    CONTROL: lambda: ensemble.RandomForestClassifier(100, random_state=0),
}
REGRESSORS: dict[str, Callable[[], Any]] = {
    "random forest": lambda: ensemble.RandomForestRegressor(100, random_state=0),
    "ridge regression": lambda: linear_model.Ridge(),
    "decision tree": lambda: tree.DecisionTreeRegressor(random_state=0),
}
DATA = {"breast_cancer": MODELS, "digits": MODELS, "diabetes": REGRESSORS}
Arrays = Mapping[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Figure:
    """What an attack, or the best of several, achieved."""

    auc: float | None  # none where it gave up
    rate: float | None  # of members, at 1 % of non-members
    seconds: float
    references: int = 0


Figures = dict[str, list[Figure]]  # of each tier or attack, one for each split


# Records and models, the same for both ---------------------------------------------------------


def split(name: str, number: int, *, control: bool) -> dict[str, np.ndarray[Any, Any]]:
    """Return half of the records as members, half not; for a control, a third each, one aside."""
    rows, truth = getattr(datasets, f"load_{name}")(return_X_y=True)
    kinds = None if name == "diabetes" else truth
    fitted: tuple[Any, Any] | None = None
    if control:
        rows, aside, truth, known = train_test_split(
            rows, truth, test_size=1 / 3, random_state=number, stratify=kinds
        )
        kinds, fitted = truth, (aside, known)
    inside, outside, said, unsaid = train_test_split(
        rows, truth, test_size=0.5, random_state=number, stratify=kinds
    )
    learned, taught = fitted or (inside, said)
    same = StandardScaler().fit(learned).transform
    return {
        "rows": same(inside), "truth": said, "other rows": same(outside), "other truth": unsaid,
        "learned": same(learned), "taught": taught,
    }  # fmt: skip


def cases(
    number: int, names: Sequence[str], models: Sequence[str] = ()
) -> Iterator[tuple[str, str, Arrays]]:
    """Yield the data set, the model's name, and the records of each case."""
    for name in names:
        for model in models or DATA[name]:
            yield name, model, split(name, number, control=model == CONTROL)


def trained(name: str, model: str, arrays: Arrays) -> tuple[Any, float]:
    """Return the model and the seconds that its training took."""
    fresh = DATA[name][model]()
    started = time.process_time()
    fresh.fit(arrays["learned"], arrays["taught"])
    return fresh, time.process_time() - started


# Ours ------------------------------------------------------------------------------------------


def attacked(model: Any, arrays: Arrays, tier: str, references: int | None) -> Figure:
    """Return what our attacks find; guessing columns is left out, as the peer's attacks do."""
    measure = import_module("workbench.leakage.measuring").measure
    started = time.process_time()
    found = measure(
        model,
        (arrays["rows"], arrays["truth"]),
        (arrays["other rows"], arrays["other truth"]),
        tier=tier,
        references=references,
        sensitive=(),
    )
    took = time.process_time() - started
    rates = [rate.value for one in found.attacks for rate in one.rates if rate.at == 0.01]
    known = [rate for rate in rates if rate is not None]
    return Figure(found.strongest.auc, max(known, default=None), took, found.references)


def ours(splits: int, names: Sequence[str], models: Sequence[str] = ()) -> dict[str, Figures]:
    """Return the figures of each case; of models that every data set has, if any are named."""
    found: dict[str, Figures] = {}
    tiers = (("quick", "quick", None), (FEWER, "thorough", FEW), ("thorough", "thorough", None))
    for number in range(splits):
        for name, kind, arrays in cases(number, names, models):
            model, took = trained(name, kind, arrays)
            figures = found.setdefault(f"{name}, {kind}", {})
            figures.setdefault("training", []).append(Figure(None, None, took))
            for label, tier, count in tiers:
                figures.setdefault(label, []).append(attacked(model, arrays, tier, count))
    return found


# sacroml's, in its own interpreter -------------------------------------------------------------


def peers(index: Path) -> None:
    """Attack each case of a list with sacroml; write the scores of all records beside it."""
    logging.disable(logging.CRITICAL)
    target = import_module("sacroml.attacks.target").Target
    for case in json.loads(index.read_text()):
        with np.load(case["file"], allow_pickle=False) as file:
            arrays = dict(file)
        found = []
        model, _ = trained(case["data"], case["model"], arrays)
        both = np.vstack([arrays["rows"], arrays["other rows"]])
        apart = float(np.abs(model.predict_proba(both) - arrays["answers"]).max())
        if apart > 1e-9:
            sys.exit(f"{case['data']}, {case['model']}: another model, by {apart}")
        for label, attack in _attacks():
            with tempfile.TemporaryDirectory() as place:  # it would take shadows it finds for new
                chosen = attack(output_dir=place, write_report=False, report_individual=True)
                subject = target(
                    model=model,
                    X_train=arrays["rows"],
                    y_train=arrays["truth"],
                    X_test=arrays["other rows"],
                    y_test=arrays["other truth"],
                )
                started = time.process_time()
                chosen.attack(subject)
                took = time.process_time() - started
            said = [_said(one, len(arrays["rows"])) for one in chosen.attack_metrics]
            found.append({"attack": label, "seconds": took, "said": said})
        Path(case["result"]).write_text(json.dumps(found))
        print(f"    {case['data']}, {case['model']}", file=sys.stderr, flush=True)


def _attacks() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield attacks with their defaults; the worst case without its comparison with chance."""
    worst = import_module("sacroml.attacks.worst_case_attack").WorstCaseAttack
    lira = import_module("sacroml.attacks.likelihood_attack").LIRAAttack
    yield "worst case", lambda **given: worst(n_dummy_reps=0, **given)
    yield "QMIA", import_module("sacroml.attacks.qmia_attack").QMIAAttack
    for count in (FEW, SHADOWS):
        yield f"LiRA, {count} models", lambda n=count, **given: lira(n_shadow_models=n, **given)


def _said(metrics: Any, members: int) -> dict[str, Any]:
    """Return scores and who is a member, and the AUC that sacroml itself gives."""
    scores = np.asarray(metrics["individual"]["member_prob"], dtype=float)
    known = metrics["individual"].get("member")
    inside = np.arange(len(scores)) < members if known is None else np.asarray(known) == 1
    return {"auc": metrics["AUC"], "scores": scores.tolist(), "member": inside.tolist()}


# Recording -------------------------------------------------------------------------------------


def record(python: str) -> None:
    """Measure sacroml and ours on the same splits, and write the figures down."""
    names = [name for name in DATA if DATA[name] is MODELS]
    theirs: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        index = _written(Path(folder), names)
        subprocess.run(
            [python, "-m", "tests.benchmarks.leakage", "peers", str(index)], cwd=ROOT, check=True
        )
        for case in json.loads(index.read_text()):
            figures = theirs.setdefault(f"{case['data']}, {case['model']}", {})
            for one in json.loads(Path(case["result"]).read_text()):
                figures.setdefault(f"sacroml {one['attack']}", []).append(_figure(one))
    found = ours(RECORDED_SPLITS, names)
    for case, figures in theirs.items():
        found[case] |= figures
    RECORDED.write_text(json.dumps(_record(python, found), indent=1, ensure_ascii=False) + "\n")


def _written(folder: Path, names: Sequence[str]) -> Path:
    """Write the records of all cases, with the answers of our model, and the list of them."""
    listed: list[dict[str, str]] = []
    for number in range(RECORDED_SPLITS):
        for name, kind, arrays in cases(number, names):
            path = folder / f"{len(listed)}.npz"
            both = np.vstack([arrays["rows"], arrays["other rows"]])
            model, _ = trained(name, kind, arrays)
            np.savez(path, allow_pickle=False, **arrays, answers=model.predict_proba(both))
            listed.append({"data": name, "model": kind, "file": str(path),
                           "result": str(path.with_suffix(".json"))})  # fmt: skip
    index = folder / "index.json"
    index.write_text(json.dumps(listed))
    return index


def _figure(one: dict[str, Any]) -> Figure:
    """Return the mean over repetitions, from the scores, by the same rule as ours.

    Its own AUC has to be that of the scores. Its own rates end at 0.5 %.
    """
    curves = import_module("workbench.leakage.curves")
    areas, rates = [], []
    for each in one["said"]:
        scores, inside = np.array(each["scores"]), np.array(each["member"], dtype=bool)
        areas.append(curves.area(scores[inside], scores[~inside])[0])
        rates.append(curves.rate_at(scores[inside], scores[~inside], 0.01).value)
        if abs(areas[-1] - each["auc"]) > 1e-5:
            sys.exit(f"{one['attack']}: {each['auc']} is not the AUC of its scores")
    return Figure(_all(np.mean, areas), _all(np.mean, rates), one["seconds"])


def _record(python: str, found: dict[str, Figures]) -> dict[str, Any]:
    packages = ("sacroml", "scikit-learn", "numpy")
    asked = f"from importlib.metadata import version as v; print(*map(v, {packages}))"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    return {
        "recorded": datetime.now(UTC).date().isoformat(),
        "machine": f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}),"
        f" {platform.system()} {platform.release().split('-')[0]},"
        f" Python {platform.python_version()}",
        "seconds": "of the processor, one thread",
        "versions": dict(zip(packages, done.stdout.split(), strict=True)),
        "ours with": {name: version(name) for name in packages[1:]},
        "splits": RECORDED_SPLITS,
        "figures": {
            case: {label: _kept(each) for label, each in figures.items() if label != "training"}
            for case, figures in found.items()
        },
    }


def _kept(each: Sequence[Figure]) -> dict[str, Any]:
    one = middle(each)

    def short(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return {
        "auc": short(one.auc),
        "rate": short(one.rate),
        "seconds": short(one.seconds),
        "references": one.references,
        "aucs": [short(figure.auc) for figure in each],
        "rates": [short(figure.rate) for figure in each],
    }


# The table -------------------------------------------------------------------------------------


def middle(each: Sequence[Figure]) -> Figure:
    """Return the medians, none of what is not known for each split."""
    return Figure(
        _all(median, [one.auc for one in each]),
        _all(median, [one.rate for one in each]),
        median([one.seconds for one in each]),
        round(median([one.references for one in each])),
    )


def _all(summary: Callable[[Any], Any], values: Sequence[float | None]) -> float | None:
    return None if not values or None in values else float(summary(values))


def rows(found: dict[str, Figures], known: dict[str, Any]) -> list[Row]:
    """Return a row for each case and tier, with what sacroml does with the same effort."""
    shown = []
    for case, figures in found.items():
        for tier in ("quick", FEWER, "thorough"):
            mine = middle(figures[tier])
            if case in known["figures"]:
                labels = ("worst case", "QMIA") if tier == "quick" else (f"LiRA, {SHADOWS} models",)
                kept = known["figures"][case]
                theirs = {
                    label: Figure(**{name: kept[f"sacroml {label}"][name]
                                     for name in ("auc", "rate", "seconds")})
                    for label in labels
                }  # fmt: skip
                peer = "; ".join(f"{written(one)} {label}" for label, one in theirs.items())
                least = min(one.seconds for one in theirs.values() if one.auc is not None)
            else:
                times = max(mine.references, 1)
                least = middle(figures["training"]).seconds * times
                peer = f"{seconds(least)} training it{'' if times == 1 else f' {times} times'}"
            count = "" if tier == "quick" else f", {mine.references} models"
            what = f"membership, {tier.partition(',')[0]}{count}: {case}"
            shown.append(Row(what, written(mine), peer, least / mine.seconds, f"{peak():.0f} MiB"))
    return shown


def written(figure: Figure) -> str:
    """Write a figure."""
    area = "gave up" if figure.auc is None else f"AUC {figure.auc:.2f}"
    rate = "" if figure.rate is None else f", {figure.rate * 100:.0f} % @ 1 %"
    return f"{area}{rate}, {seconds(figure.seconds)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Record if told so; print the rows."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.leakage", description=__doc__)
    parser.add_argument("verb", choices=("measure", "peers"))
    parser.add_argument("what", help="a number of splits, or a list of cases")
    parser.add_argument("models", nargs="*", help="only these, by name")
    parser.add_argument("--sacroml", metavar="PYTHON", help="of an environment that has it")
    options = parser.parse_args(arguments)
    with import_module("threadpoolctl").threadpool_limits(1):
        if options.verb == "peers":
            peers(Path(options.what))
            return
        if options.sacroml:
            record(options.sacroml)
        emit(
            rows(
                ours(int(options.what), list(DATA), options.models),
                json.loads(RECORDED.read_text()),
            )
        )


if __name__ == "__main__":
    main()
