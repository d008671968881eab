"""How measuring goes: the same for the same seed, told as it goes, within a budget, called off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.unit.leakage.cases import network, normal
from workbench.findings.leakage import LeakageReport, Method, band
from workbench.leakage.measuring import measure
from workbench.vocabulary import Band


class TestWork:
    DATA = ((normal(100)), (normal(100, seed=1)))

    def test_the_same_seed_gives_the_same_report(self) -> None:
        """Byte for byte, and it can be read back; another seed gives another."""
        model = RandomForestClassifier(5).fit(*self.DATA[0])
        first, second, other = (
            measure(model, *self.DATA, tier="thorough", references=8, seed=seed).to_bytes()
            for seed in (3, 3, 4)
        )
        assert first == second != other
        assert LeakageReport.from_bytes(first).to_bytes() == first

    def test_progress(self) -> None:
        """Counts up to its total, and says how long it will take after the first refit."""
        told: list[tuple[str, int, int]] = []
        model = LogisticRegression().fit(*self.DATA[0])
        report = measure(
            model,
            *self.DATA,
            tier="thorough",
            references=5,
            progress=lambda *said: told.append(said),
        )
        assert report.wanted == report.references == 6
        assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
        assert told[-1] == ("Measured", told[-1][2], told[-1][2])
        said = [what for what, _, _ in told]
        assert "Refitting 1 of 6" in said
        assert any(what.startswith("Refitting 3 of 6, about ") for what in said)

    def test_called_off(self) -> None:
        """What progress raises passes through, even where a failed refit would not."""

        class StoppedError(Exception):
            pass

        def progress(what: str, done: int, total: int) -> None:
            if what.startswith("Refitting 2"):
                raise StoppedError

        model = LogisticRegression().fit(*self.DATA[0])
        with pytest.raises(StoppedError):
            measure(model, *self.DATA, tier="thorough", references=8, progress=progress)

    def test_as_many_as_a_minute_allows(self) -> None:
        """One is timed before; what it takes to train all is told."""
        model = LogisticRegression().fit(*self.DATA[0])
        for each, wanted, said in (
            (0.01, 64, "To train 64 models to compare with takes about 1 s"),
            (2.0, 16, "To train 16 models to compare with takes about 32 s"),
            (30.0, 8, "To train 8 models to compare with takes about 4 min"),
        ):
            now, told = [0.0], list[str]()

            def slow(
                rows: Any, truth: Any, seed: int, now: list[float] = now, each: float = each
            ) -> Any:
                now[0] += each * len(rows) / 100
                return LogisticRegression().fit(rows, truth)

            def clock(now: list[float] = now) -> float:
                return now[0]

            def progress(what: str, _done: int, _total: int, told: list[str] = told) -> None:
                told.append(what)

            report = measure(
                model, *self.DATA, tier="thorough", refit=slow, clock=clock, progress=progress
            )
            assert report.wanted == report.references == wanted
            assert said in told

    def test_a_budget_of_seconds(self) -> None:
        """As many pairs as fit; the report says how many there were."""
        now = [0.0]

        def slow(rows: Any, truth: Any, seed: int) -> Any:
            now[0] += 10
            return LogisticRegression().fit(rows, truth)

        model = LogisticRegression().fit(*self.DATA[0])
        how = {"tier": "thorough", "refit": slow, "clock": lambda: now[0]}
        report = measure(model, *self.DATA, seconds=45, **how)
        assert (report.references, report.wanted) == (4, 8)
        assert "Only 4 of 8 reference models were trained in the time given." in report.gaps
        assert measure(model, *self.DATA, seconds=0, **how).references == 2

    def test_a_refit_that_fails(self) -> None:
        """Leaves the pairs that were whole, and a sentence without what the error said."""
        calls, timed = [0], 2

        def breaking(rows: Any, truth: Any, seed: int) -> Any:
            calls[0] += 1
            if calls[0] == timed + 4:
                raise ValueError(f"patient {rows[0]}")
            return LogisticRegression().fit(rows, truth)

        model = LogisticRegression().fit(*self.DATA[0])
        report = measure(model, *self.DATA, tier="thorough", references=8, refit=breaking)
        assert report.references == 2
        assert [gap for gap in report.gaps if "ValueError" in gap]
        assert "patient" not in " ".join(report.gaps)

    def test_networks(self) -> None:
        """Without a way to train one again: a quick look that says so; with it, the whole."""
        rows, truth = normal(300, noise=2.0)
        data, holdout = (rows[:150], truth[:150]), (rows[150:], truth[150:])

        def trained(rows: Any, truth: Any, seed: int) -> torch.nn.Module:
            return network(rows, truth, seed, rounds=300)

        model = trained(*data, 0)
        alone = measure(model, data, holdout, tier="thorough", references=8, sensitive=[])
        assert alone.references == 0
        assert any("in the notebook" in gap for gap in alone.gaps)
        assert band(alone) in (Band.medium, Band.high)
        tensors = [(torch.as_tensor(a), torch.as_tensor(b)) for a, b in (data, holdout)]
        whole = measure(model, *tensors, tier="thorough", refit=trained, references=4, sensitive=[])
        assert whole.references == 4
        assert whole.strongest is not None
        assert whole.strongest.interval.low > 0.6
        assert whole.strongest.method is Method.ratio

    def test_texts(self) -> None:
        """A list of texts through a pipeline; they have no neighbours, and that is said."""
        chance = np.random.default_rng(0)
        words = np.array(["fever", "cough", "pain", "rash", "fatigue", "nausea", "ache", "cold"])
        texts = [" ".join(chance.choice(words, 4)) + f" {number}" for number in range(200)]
        truth = np.array(["ill" if "fever" in one else "well" for one in texts])
        model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts[:100], truth[:100])
        data, holdout = (texts[:100], truth[:100]), (texts[100:], truth[100:])
        report = measure(model, data, holdout, tier="thorough", references=2)
        assert any("similar ones" in gap for gap in report.gaps)
        assert report.references == 2
        assert b"fever" not in report.to_bytes()
