"""The form that a model leaves in: chosen where there is a choice, looked at by itself."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from tests.unit.findings import samples
from tests.unit.widgets.inspector import MODEL, Inspector, Shown, checks, done
from workbench.findings.converted import ConvertedReport, Form
from workbench.findings.statement import Inspection
from workbench.widgets.checks import Checks


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
