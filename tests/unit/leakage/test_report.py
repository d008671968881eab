"""The report by itself: what it may hold, the band it has, and what it says to people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from workbench.errors import InputError
from workbench.findings.leakage import (
    Answers,
    Attack,
    Attribute,
    Canaries,
    Exposure,
    Group,
    Interval,
    LeakageReport,
    Method,
    Performance,
    Rate,
    Strongest,
    Tail,
    Task,
    Tier,
    band,
)
from workbench.findings.leakage_words import METHODS, canary_words, words
from workbench.vocabulary import Band


def rate(low: float, high: float, at: float = 0.01) -> Rate:
    return Rate(
        at=at, value=(low + high) / 2, interval=Interval(low=low, high=high), false_positives=3
    )


def report(
    auc: tuple[float, float] = (0.47, 0.55), found: Rate | None = None, **more: Any
) -> LeakageReport:
    """Return a thorough report in which nothing works, but for what is given."""
    around = Interval(low=auc[0], high=auc[1])
    middle = sum(auc) / 2
    found = found or rate(0.001, 0.03)
    given: dict[str, Any] = {
        "tier": Tier.thorough,
        "task": Task.classification,
        "answers": Answers.probabilities,
        "members": 1000,
        "nonmembers": 1000,
        "references": 8,
        "wanted": 8,
        "attacks": (Attack(method=Method.ratio, auc=middle, interval=around, rates=(found,)),),
        "strongest": Strongest(
            tried=1,
            method=Method.ratio,
            auc=middle,
            interval=around,
            rate_method=Method.ratio,
            rate=found,
        ),
    }
    return LeakageReport(**{**given, **more})


NONE = {"attacks": (), "strongest": None}
BANDS: dict[str, tuple[LeakageReport, Band]] = {
    "nothing works": (report(), Band.low),
    "the area is at its limit": (report((0.5, 0.6)), Band.low),
    "the area may be larger": (report((0.5, 0.601)), Band.medium),
    "the rate may be larger": (report(found=rate(0.0, 0.051)), Band.medium),
    "the rate is only known at 10 %": (report(found=rate(0.05, 0.04 + 0.1, 0.1)), Band.medium),
    "no rate is known": (
        report(found=Rate(at=0.1, value=None, interval=None, false_positives=0)),
        Band.medium,
    ),
    "a quick look": (report(tier=Tier.quick, references=0, wanted=0), Band.medium),
    "too few references": (report(references=2), Band.medium),
    "labels alone": (report(answers=Answers.labels), Band.medium),
    "other data in the holdout": (report(shifted=("age",)), Band.medium),
    "numbers": (report(task=Task.regression, answers=Answers.numbers), Band.low),
    "the area is surely large": (report((0.75, 0.9)), Band.high),
    "the area may be large": (report((0.74, 0.99)), Band.medium),
    "the rate is surely large": (report(found=rate(0.1, 0.3)), Band.high),
    "half at one in ten": (report(found=rate(0.5, 0.7, 0.1)), Band.high),
    "not quite": (report(found=rate(0.49, 0.7, 0.1)), Band.medium),
    "a quick look that found it": (
        report((0.8, 0.9), tier=Tier.quick, references=0, wanted=0),
        Band.high,
    ),
    "no attack": (report(**NONE), Band.unknown),
}


@pytest.mark.parametrize("name", BANDS)
def test_bands(name: str) -> None:
    """As the docstring says."""
    given, expected = BANDS[name]
    assert band(given) is expected


def test_bytes() -> None:
    """One spelling, which is read back; another is refused."""
    full = report(
        exposure=Exposure(
            method=Method.ratio, at=0.01, recognised=3, expected=1.5, positions=(4, 2)
        ),
        groups=(_group("1"),),
        attributes=(_attribute(0.1),),
        tail=Tail(share=0.1, members=0.05, nonmembers=0.15, p_value=0.001),
        performance=Performance(metric="accuracy", members=1.0, nonmembers=0.9),
        gaps=("Something was not measured.",),
    )
    data = full.to_bytes()
    assert LeakageReport.from_bytes(data) == full
    with pytest.raises(InputError):
        LeakageReport.from_bytes(data.replace(b'"members":1000', b'"members":1000.0'))
    with pytest.raises(InputError, match="extra"):
        LeakageReport.from_bytes(data.replace(b'"gaps"', b'"gapz"'))


def _group(name: str, low: float = 0.6) -> Group:
    around = Interval(low=low, high=low + 0.2)
    return Group(of="class", name=name, members=50, nonmembers=60, auc=low + 0.1, interval=around)


def _attribute(low: float, training: float = 0.05) -> Attribute:
    return Attribute(
        column="hiv",
        choices=2,
        records=500,
        with_model=0.8,
        without_model=0.65,
        advantage=0.15,
        interval=Interval(low=low, high=0.2),
        outsiders=0.6,
        training=0.2,
        training_interval=Interval(low=training, high=0.3),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda: Interval(low=0.5, high=0.4),
        lambda: Interval(low=float("nan"), high=0.4),
        lambda: Rate(at=0.1, value=0.5, interval=None, false_positives=1),
        lambda: report(attacks=()),
        lambda: report(members=-1),
        lambda: Group.model_validate({**_group("1").model_dump(), "members": 9}),
        lambda: report(groups=[_group(str(n)) for n in range(21)]),
        lambda: report(gaps=["x"] * 51),
        lambda: report(gaps=["x" * 501]),
        lambda: Exposure(
            method=Method.loss, at=0.1, recognised=30, expected=1, positions=tuple(range(21))
        ),
        lambda: Attack(
            method=Method.loss,
            auc=0.5,
            interval=Interval(low=0.4, high=0.6),
            rates=(),
            curve=((0.0, 0.0),) * 61,
        ),
        lambda: _attribute(0.1).model_validate({**_attribute(0.1).model_dump(), "column": ""}),
        lambda: report(auc=(0.5, 1.5)),
    ],
)
def test_what_no_report_holds(change: Any) -> None:
    """A group of nine, more than is bounded, numbers that are none."""
    with pytest.raises(ValidationError):
        change()


class TestWords:
    def test_nothing_found_is_not_safe(self) -> None:
        """It is said first, and with what it does not mean."""
        said = words(report())
        assert said[0] == "No attack we tried did better than chance; attacks not tried might."

    @pytest.mark.parametrize("name", BANDS)
    def test_never_safe(self, name: str) -> None:
        """No report says so, nor the like of it; every sentence ends."""
        said = " ".join(words(BANDS[name][0]))
        assert not re.search(r"\b(safe|secure|anonymous|no risk|private)\b", said, re.IGNORECASE)
        assert all(re.search(r"[.]$", one) for one in words(BANDS[name][0]))

    def test_what_was_found(self) -> None:
        """In tries out of a hundred, with what guessing would do."""
        full = report(
            (0.7, 0.8),
            rate(0.08, 0.2),
            exposure=Exposure(
                method=Method.ratio, at=0.01, recognised=120, expected=9.6, positions=(4, 2)
            ),
            groups=(_group("malign"), _group("benign", 0.5)),
            attributes=(_attribute(0.1),),
            tail=Tail(share=0.1, members=0.05, nonmembers=0.15, p_value=0.001),
            performance=Performance(metric="accuracy", members=1.0, nonmembers=0.9),
            shifted=("age",),
            gaps=("Something was not measured.",),
        )
        said = words(full)
        text = " ".join(said)
        for part in (
            "in 75 of 100 tries (between 70 and 80; 50 is guessing)",
            "wrongly accuse 1 % of the others, 14 % of the training records are recognised",
            "with 8 reference models",
            "chance would make it about 10; the most exposed are in rows 4, 2",
            "Most exposed is class malign (50 records)",
            "about only 5 % of the training records",
            "guesses hiv right for 80 of 100 people with the model, and for 65 without it",
            "better on people in the training data than on others",
            "accuracy is 100 % on its training data and 90 % on others",
            "differ in age",
        ):
            assert part in text
        assert said[-1] == "Something was not measured."
        assert "did better than chance" not in text

    def test_what_the_model_does_not_add(self) -> None:
        """A column that anybody guesses, and one that works on everybody."""
        text = " ".join(words(report(attributes=(_attribute(-0.1),))))
        assert "did not help to guess hiv" in text
        text = " ".join(words(report(attributes=(_attribute(0.1, -0.1),))))
        assert "works as well on people who are not in the training data" in text

    def test_no_attack(self) -> None:
        """Is not said to be a good sign."""
        assert "not known what the model gives away" in words(report(**NONE))[0]

    def test_every_method_has_words(self) -> None:
        """Also those that are seldom best."""
        assert set(METHODS) == set(Method)

    @pytest.mark.parametrize(
        ("low", "part"), [(0.6, "It remembers"), (0.4, "not seen to remember")]
    )
    def test_canaries(self, low: float, part: str) -> None:
        """Both ways."""
        found = Canaries(
            planted=50,
            aside=50,
            auc=low + 0.1,
            interval=Interval(low=low, high=low + 0.2),
            exposure=2.0,
            chance=1.36,
        )
        said = canary_words(found)
        assert part in said[0]
        assert f"in {round(100 * found.auc)} of 100 tries (between" in said[1]
        assert "exposed by 2.0 bits on average; 1.4 would be chance" in said[2]
