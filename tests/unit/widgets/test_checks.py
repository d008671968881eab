"""The checks in the Share form: they run by themselves, say what to do, and can be stopped."""

from __future__ import annotations

import html
import re
import threading
from typing import Any

import pytest

from tests.unit.findings import samples
from tests.unit.widgets.inspector import MODEL, PAIR, Inspector, Shown, checks, done
from workbench.errors import InputError, Unavailable
from workbench.findings.depth import Depth
from workbench.findings.leakage import Tier
from workbench.findings.statement import Inspection
from workbench.listing import Facts
from workbench.vocabulary import Band, Verdict
from workbench.widgets.checks import ORDER, Checks


def words(one: Checks, key: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", one.lines[key].value))


def ways(one: Checks, key: str) -> list[Any]:
    return list(one.ways[key].children)


def test_they_begin_with_the_model_and_say_how_each_came_out() -> None:
    form, inspector = Shown(), Inspector(samples.inspection(), ("X, y", "Xt, yt", ""))
    one = checks(inspector, form)
    one.choose(MODEL)
    done(one)
    assert inspector.asked == [(True, True, False)]
    assert one.trained.value == "X, y"
    assert words(one, "scan") == (
        "✓ Unsafe content: No file can run somebody else's code when it is opened."
    )
    assert words(one, "retained").startswith("✗ Training rows inside the model: 3 of 100")
    assert not one.running
    assert form.changed >= len(ORDER)
    facts = one.facts(Facts())
    assert (facts.scan, facts.retained_rows, facts.leakage) == (
        Verdict.passed,
        Verdict.failed,
        Band.high,
    )


def test_data_given_to_share_counts_where_no_names_are() -> None:
    inspector = Inspector(Inspection())
    one = checks(inspector, given=(PAIR, None))
    one.choose(MODEL)
    done(one)
    assert inspector.asked == [(True, False, False)]


def test_why_data_could_not_be_found_is_said() -> None:
    one = checks(Inspector(Inspection(), ("", "", "It was trained on an expression.")))
    one.choose(MODEL)
    done(one)
    assert "It was trained on an expression." in one.why.value


def test_a_name_that_is_none_is_told_and_nothing_runs() -> None:
    inspector = Inspector(Inspection(), ("nothing", "", ""))
    one = checks(inspector)
    one.choose(MODEL)
    assert one.thread is None
    assert inspector.asked == []
    assert "is no name in this notebook" in one.why.value
    assert not one.running
    one.trained.value = "X, y"
    one.again.click()
    done(one)
    assert inspector.asked == [(True, False, False)]


def test_why_something_was_not_measured_stands_in_its_row() -> None:
    gap = "Leakage: it needs data that the model has not seen (holdout=)."
    one = checks(Inspector(Inspection(gaps=(gap,))))
    one.choose(MODEL)
    done(one)
    assert words(one, "leakage") == (
        "– Leakage: it needs data that the model has not seen (holdout=)."
    )


def test_a_model_that_cannot_be_shared_is_a_failure() -> None:
    gap = "Safe form: Recipients could not load this model."
    one = checks(Inspector(Inspection(gaps=(gap,))))
    one.choose(MODEL)
    done(one)
    assert words(one, "form") == "✗ Safe form: Recipients could not load this model."


def test_the_thorough_look_is_a_button() -> None:
    inspector = Inspector(Inspection())
    one = checks(inspector)
    one.choose(MODEL)
    done(one)
    one.thorough.click()
    done(one)
    assert [thorough for _, _, thorough in inspector.asked] == [False, True]


def test_how_closely_it_looks_is_chosen() -> None:
    """How many models to compare with, and which columns; nothing chosen leaves it to the look."""
    inspector = Inspector(Inspection(), ("X, y", "Xt, yt", ""))
    one = checks(inspector)
    one.choose(MODEL)
    done(one)
    assert inspector.depth == Depth()
    one.depth.references.value = 16
    one.depth.groups.value, one.depth.sensitive.value = "sex, site,", " hiv "
    one.thorough.click()
    done(one)
    assert inspector.depth == Depth(Tier.thorough, 16, groups=("sex", "site"), sensitive=("hiv",))


def test_how_long_a_thorough_look_takes_is_told_before() -> None:
    """Of as many models as a minute allows or somebody chose; not again by a thorough look."""
    inspector = Inspector(Inspection(), ("X, y", "Xt, yt", ""))
    one = checks(inspector)
    assert "once the quick look is done" in one.depth.time.value
    one.choose(MODEL)
    done(one)
    assert one.depth.references.value == 16
    assert "takes about 40 s" in one.depth.time.value
    one.depth.references.value = 64
    assert "takes about 3 min" in one.depth.time.value
    one.choose(object())
    done(one)
    assert one.depth.references.value == 64  # somebody wants it so
    one.thorough.click()
    done(one)
    assert inspector.timed == 2
    one.choose(None)
    assert "once the quick look is done" in one.depth.time.value


def test_why_the_time_is_not_known_is_told() -> None:
    """A network tells nobody how it was trained; without data nothing can be compared."""
    inspector = Inspector(Inspection(), ("X, y", "Xt, yt", ""))
    inspector.seconds = InputError("How long it would take is not known: <b>so</b>.")
    one = checks(inspector)
    one.choose(MODEL)
    done(one)
    assert "How long it would take is not known: &lt;b&gt;so" in one.depth.time.value
    inspector.names = ("X, y", "", "")
    one.choose(MODEL)
    done(one)
    assert "and has not seen" in one.depth.time.value
    assert inspector.timed == 1


def test_planted_records_have_a_line_where_some_were_planted() -> None:
    one = checks(Inspector(samples.inspection()))
    assert words(one, "canaries") == ""
    one.choose(MODEL)
    done(one)
    assert words(one, "canaries").startswith("! Planted records: It remembers single records")
    one.choose(None)
    assert words(one, "canaries") == ""


def test_remedies_are_buttons() -> None:
    form = Shown()
    one = checks(Inspector(samples.inspection()), form)
    one.choose(MODEL)
    done(one)
    assert [button.description for button in ways(one, "retained")] == ["Offer hosted use only"]
    ways(one, "leakage")[0].click()
    assert form.hosted
    assert ways(one, "scan") == ways(one, "hidden") == []


def test_what_is_hidden_can_be_rounded_away() -> None:
    form = Shown()
    hiding = Inspection(hidden=samples.hidden(samples.content()))
    one = checks(Inspector(hiding), form)
    one.choose(MODEL)
    done(one)
    ways(one, "hidden")[0].click()
    assert form.replacement == ("clean", "In 2 tensors 9 numbers were changed.")


def test_progress_shows_and_one_check_can_be_skipped() -> None:
    inspector = Inspector(Inspection())
    one = checks(inspector)
    told: list[bool] = []

    def meanwhile(watch: Any) -> None:
        watch.progress("leakage", "Refitting 1 of 8", 1, 8)
        assert one.running
        assert "Refitting 1 of 8" in one.doing.value
        assert one.bar.value == pytest.approx(1 / 8)
        one.stop_button.click()
        told.extend([watch.skipping(), watch.skipping()])

    inspector.meanwhile = meanwhile
    one.choose(MODEL)
    done(one)
    assert told == [True, False]


def test_another_model_stops_what_runs() -> None:
    """Nothing that the older run still says is shown of the newer."""
    inspector = Inspector(samples.inspection())
    one = checks(inspector)
    reached, go_on = threading.Event(), threading.Event()

    def slow(_watch: Any) -> None:
        reached.set()
        assert go_on.wait(60)

    inspector.meanwhile = slow
    one.choose(MODEL)
    older = one.thread
    assert reached.wait(60)
    one.choose(None)
    go_on.set()
    assert older is not None
    older.join(60)
    assert one.found == Inspection()
    assert words(one, "retained").startswith("– ")
    assert not one.running


@pytest.mark.parametrize("error", [Unavailable("NumPy is missing.")])
def test_what_fails_is_told(error: Exception) -> None:
    inspector = Inspector(Inspection())
    inspector.error = error
    one = checks(inspector)
    one.choose(MODEL)
    done(one)
    assert str(error) in one.why.value
    assert not one.running


def test_what_is_shown_is_escaped() -> None:
    gap = "Leakage: <img src=x onerror=alert(1)>."
    one = checks(Inspector(Inspection(gaps=(gap,))))
    one.choose(MODEL)
    done(one)
    assert "<img" not in one.lines["leakage"].value
