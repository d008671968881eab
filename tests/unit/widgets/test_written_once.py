"""What was looked at is what is published: a model is written once, unless it changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from tests.unit.widgets.test_share_form import MODEL, ROWS, checked, line, notebook, publish
from workbench.converting.safer import safer
from workbench.notebook.functions import Notebook
from workbench.widgets.share_form import ShareForm

__all__ = ["notebook"]


class TestFormChosen:
    """What was looked at is what is published, and it is written once."""

    @pytest.fixture
    def chosen(
        self, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[ShareForm, list[str | None]]:
        """The form of a notebook, and in which forms a model was written so far."""
        times: list[str | None] = []

        def counted(*args: Any, **options: Any) -> Any:
            times.append(options.get("form"))
            return safer(*args, **options)

        monkeypatch.setattr("workbench.inspection.checks.safer", counted)
        monkeypatch.setattr("workbench.notebook.measuring.safer", counted)
        made: list[ShareForm] = []

        def kept(**options: Any) -> ShareForm:
            made.append(ShareForm(**options))
            return made[0]

        monkeypatch.setattr("workbench.notebook.functions.ShareForm", kept)
        model = LogisticRegression().fit(ROWS, [0, 1])
        notebook.share(model, name="clinic/risk")
        checked(made[0])
        return made[0], times

    def opened(self, notebook: Notebook, folder: Path) -> str:
        """The file that a recipient finds in the release."""
        (file,) = (notebook.open("clinic/risk:1.0", folder).path).iterdir()
        return file.name

    def test_a_model_is_written_once(
        self, chosen: tuple[ShareForm, list[str | None]], notebook: Notebook, tmp_path: Path
    ) -> None:
        form, times = chosen
        publish(form)
        assert "✓ Published" in form.message.value
        assert times == [None]
        assert self.opened(notebook, tmp_path / "out") == "model.skops"

    def test_another_form_can_be_chosen(
        self, chosen: tuple[ShareForm, list[str | None]], notebook: Notebook, tmp_path: Path
    ) -> None:
        form, times = chosen
        form.checks.form.field.value = "onnx"
        checked(form)
        assert "✓ Safe form" in line(form, "form")
        publish(form)
        assert times == [None, "onnx"]
        assert self.opened(notebook, tmp_path / "out") == "model.onnx"

    def test_a_model_that_changed_is_written_again(
        self, chosen: tuple[ShareForm, list[str | None]], notebook: Notebook, tmp_path: Path
    ) -> None:
        """What is published is what the model is now."""
        form, times = chosen
        model = form._models[form.model.value]
        model.fit(ROWS, [1, 0])
        publish(form)
        assert times == [None, None]
        again = notebook.open("clinic/risk:1.0", tmp_path / "out").load()
        assert again.predict(ROWS).tolist() == [1, 0]

    def test_a_model_that_changed_is_measured_again_in_another_form(
        self, chosen: tuple[ShareForm, list[str | None]]
    ) -> None:
        """Nothing is kept of what it was."""
        form, _ = chosen
        before = form.checks.found.hidden
        form._models[form.model.value].fit(ROWS, [1, 0])
        form.checks.form.field.value = "onnx"
        checked(form)
        assert form.checks.found.hidden is not before

    def test_what_is_too_large_to_keep_is_written_again(
        self,
        chosen: tuple[ShareForm, list[str | None]],
        notebook: Notebook,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        form, times = chosen
        monkeypatch.setattr("workbench.notebook.measured.MOST_KEPT", 10)
        form.checks.again.click()
        publish(form)
        assert times == [None, None, None]
        assert self.opened(notebook, tmp_path / "out") == "model.skops"


@pytest.mark.parametrize("asked", [None, "onnx"])
def test_a_model_published_at_once_is_written_once(
    asked: str | None, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[str | None] = []

    def counted(*args: Any, **options: Any) -> Any:
        times.append(options["form"])
        return safer(*args, **options)

    monkeypatch.setattr("workbench.inspection.checks.safer", counted)
    monkeypatch.setattr("workbench.notebook.measuring.safer", counted)
    notebook.share(MODEL, name="clinic/risk", license="MIT", publish=True, form=asked)
    assert times == [asked]
