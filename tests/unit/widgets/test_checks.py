"""The checks in the Share form: they run by themselves, say what to do, and can be stopped."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.findings import samples
from workbench.errors import InputError, Unavailable
from workbench.findings.converted import ConvertedReport, Form
from workbench.findings.depth import Depth
from workbench.findings.leakage import Tier
from workbench.findings.statement import Inspection
from workbench.listing import Facts
from workbench.vocabulary import Band, Verdict
from workbench.widgets.checks import ORDER, Checks, Remedies

MODEL = object()
PAIR = (np.zeros((3, 2)), np.zeros(3))


class Inspector:
    """Answers as it is told to."""

    def __init__(self, found: Inspection, names: tuple[str, str, str] = ("", "", "")) -> None:
        self.found, self.names = found, names
        self.asked: list[tuple[Any, Any, bool]] = []
        self.depth = Depth()
        self.timed = 0
        self.seconds: float | Exception = 2.5
        self.meanwhile: Callable[[Any], None] = lambda _watch: None
        self.error: Exception | None = None
        self.offered: tuple[str, ...] = ()
        self.forms_asked: list[tuple[str | None, bool]] = []

    def forms(self, model: Any) -> tuple[str, ...]:
        return self.offered

    def suggest(self, model: Any) -> tuple[str, str, str]:
        return self.names

    def named(self, text: str) -> Any:
        if text == "nothing":
            raise InputError("The data cannot be found: 'nothing' is no name in this notebook.")
        return PAIR if text else None

    def run(
        self,
        model: Any,
        data: Any,
        holdout: Any,
        depth: Depth,
        watch: Any,
        form: str | None,
        only_form: bool,
    ) -> Inspection:
        self.forms_asked.append((form, only_form))
        self.asked.append((data is not None, holdout is not None, depth.thorough))
        self.depth = depth
        if self.error is not None:
            raise self.error
        self.meanwhile(watch)
        watch.progress("leakage", "Refitting 3 of 8", 3, 8)
        for key in ORDER:
            watch.finished(key, self.found)
        return self.found

    def time_one(self, model: Any, data: Any, holdout: Any, watch: Any) -> float:
        self.timed += 1
        watch.progress("leakage", "Timing a training", 0, 1)
        if isinstance(self.seconds, Exception):
            raise self.seconds
        return self.seconds

    def sanitised(self, model: Any, holdout: Any) -> tuple[Any, str]:
        return "clean", "In 2 tensors 9 numbers were changed."


class Shown:
    """What the form does when it is told."""

    def __init__(self) -> None:
        self.changed = 0
        self.hosted = False
        self.replacement: tuple[Any, str] | None = None

    def remedies(self) -> Remedies:
        return Remedies(self._changed, self._hosted, self._replaced)

    def _changed(self) -> None:
        self.changed += 1

    def _hosted(self) -> None:
        self.hosted = True

    def _replaced(self, model: Any, words: str) -> None:
        self.replacement = model, words


def checks(inspector: Inspector, form: Shown | None = None, given: Any = None) -> Checks:
    return Checks(inspector, (form or Shown()).remedies(), given)


def done(one: Checks) -> None:
    assert one.thread is not None
    one.thread.join(60)
    assert not one.thread.is_alive()


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


def as_onnx() -> ConvertedReport:
    return samples.converted().model_copy(update={"form": Form.onnx})


class TestForm:
    """The form that the model leaves in can be chosen where there is a choice."""

    def test_there_is_nothing_to_choose_where_there_is_one(self) -> None:
        inspector = Inspector(Inspection())
        one = checks(inspector)
        assert one.form.widget.layout.display == "none"
        for offered in ((), ("skops",)):
            inspector.offered = offered
            one.choose(MODEL)
            done(one)
            assert one.form.widget.layout.display == "none"
        assert inspector.forms_asked == [(None, False)] * 2

    def test_another_form_is_looked_at_and_nothing_else(self) -> None:
        """What else was found stays; going back is a choice like any other."""
        gaps = ("Safe form: it holds a file.", "Leakage: it was stopped before it was done.")
        found = replace(samples.inspection(), gaps=gaps)
        form, inspector = Shown(), Inspector(found, ("X, y", "Xt, yt", ""))
        inspector.offered = ("skops", "onnx")
        one = checks(inspector, form)
        one.choose(MODEL)
        done(one)
        assert one.form.widget.layout.display == ""
        assert [words for words, _ in one.form.field.options] == ["skops file", "ONNX graph"]
        assert "with all its settings" in one.form.widget.children[1].value
        seen: list[Inspection] = []
        inspector.meanwhile = lambda _watch: seen.append(one.found)
        inspector.found = replace(found, converted=as_onnx())
        one.form.field.value = "onnx"
        done(one)
        assert "cannot be trained further" in one.form.widget.children[1].value.lower()
        assert inspector.forms_asked == [(None, False), ("onnx", True)]
        assert inspector.timed == 1
        (meanwhile,) = seen
        assert (meanwhile.converted, meanwhile.scan) == (None, None)
        assert meanwhile.retained is found.retained
        assert meanwhile.gaps == gaps[1:]
        inspector.found = found
        one.form.field.value = "skops"
        done(one)
        assert inspector.forms_asked[2:] == [(None, True)]
        assert not one.running

    def test_what_still_runs_begins_anew(self) -> None:
        """Nothing that was measured half is kept."""
        inspector = Inspector(Inspection())
        inspector.offered = ("xgboost-json", "onnx")
        begun, go_on = threading.Event(), threading.Event()

        def wait(_watch: Any) -> None:
            begun.set()
            go_on.wait(60)

        inspector.meanwhile = wait
        one = checks(inspector)
        one.choose(MODEL)
        first = one.thread
        assert first is not None
        assert begun.wait(60)
        one.form.field.value = "onnx"
        go_on.set()
        first.join(60)
        done(one)
        assert inspector.forms_asked == [(None, False), ("onnx", False)]

    def test_the_form_that_was_asked_for_is_chosen(self) -> None:
        """Also one that there is none of: why is said by the checks."""
        for asked, offered in (("onnx", ("skops", "onnx")), ("pickle", ("skops",)), ("x", ())):
            inspector = Inspector(Inspection())
            inspector.offered = offered
            one = Checks(inspector, Shown().remedies(), form=asked)
            one.choose(MODEL)
            done(one)
            assert inspector.forms_asked == [(asked, False)]

    def test_a_form_that_it_fell_back_to_is_shown(self) -> None:
        """Where skops does not take a model it leaves as ONNX, and that is what is shown."""
        inspector = Inspector(Inspection(converted=as_onnx()))
        inspector.offered = ("skops", "onnx")
        one = checks(inspector)
        one.choose(MODEL)
        done(one)
        assert one.form.field.value == "onnx"
        assert one.form.chosen() == "onnx"
        assert len(inspector.forms_asked) == 1
