"""The Share form over a real exchange: it validates while typing, keeps what was entered, ends."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as w
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from workbench.app import Workplace
from workbench.capture.models import Candidate
from workbench.errors import NotFound, Unavailable
from workbench.notebook.functions import Notebook
from workbench.notebook.inspecting import KernelInspector
from workbench.records import Release
from workbench.services.enrol import Enrol
from workbench.session import Session
from workbench.vocabulary import ReleaseState, Right, Role, Sensitivity
from workbench.widgets.share_form import ShareForm

ROWS = np.array([[0.0, 1.0], [1.0, 0.0]])
MODEL = LogisticRegression().fit(ROWS, [0, 1])
LISTED = Candidate("classifier", MODEL, "LogisticRegression · 2 features")


class MyOwn(LogisticRegression):
    """A class that only its owner has."""


class Here:
    """A workplace in which one person acts, as in a normal installation."""

    def __init__(self, place: Workplace, person: str) -> None:
        self._place = place
        self._person = person

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def session(self) -> Session:
        return self._place.session(self._person)


@pytest.fixture
def notebook(place: Workplace) -> Notebook:
    return Notebook(Here(place, "anna"))


@pytest.fixture
def form(place: Workplace, notebook: Notebook) -> ShareForm:
    made = ShareForm(
        models=[LISTED],
        session=lambda: place.session("anna"),
        publish=notebook.publish,
        inspector=KernelInspector(None),
        fields={"name": "", "version": "1.0"},
    )
    checked(made)
    return made


def checked(form: ShareForm) -> None:
    """Wait until the chosen model has been checked."""
    for thread in filter(None, (form.checks.thread, form.looking)):
        thread.join(60)
        assert not thread.is_alive()


def publish(form: ShareForm) -> None:
    """Press the button, when the checks are over, and wait for the end."""
    checked(form)
    form.publish_button.click()
    assert form.thread is not None
    form.thread.join(60)
    assert not form.thread.is_alive()


def line(form: ShareForm, check: str) -> str:
    """What is said of one check."""
    return words(form.checks.lines[check].value)


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


def test_a_new_form_says_what_is_missing(form: ShareForm) -> None:
    """It knows the fitted models, asks for a name, and does not publish yet."""
    assert form.model.options[0] == "classifier · LogisticRegression · 2 features"
    assert "Give the model a name" in form.message.value
    assert form.publish_button.disabled
    assert form._progress.layout.display == "none"


@pytest.mark.parametrize(
    ("field", "bad", "says", "good"),
    [
        ("name", "Not A Name", "These fields cannot be used: name", "clinic/risk"),
        ("version", "", "These fields cannot be used: version", "1.0"),
        ("version", "1 0", "These fields cannot be used: version", "1.0"),
        ("license", "Apache 2.0", "not a licence on the SPDX list", "Apache-2.0"),
        ("terms", "", "These terms cannot be used", "Ours\nBe kind."),
        ("terms", "T\nAllowed purposes: fun", "a purpose called 'fun'", "T\nx"),
        ("regions", "Europe!", "These fields cannot be used: regions", "eu, ch"),
        ("title", "a\u202eb", "These fields cannot be used: title", "Risk"),
    ],
)
def test_a_slip_is_told_while_typing(
    form: ShareForm, field: str, bad: str, says: str, good: str
) -> None:
    """Each key is answered; what is wrong is named; mending it opens the way again."""
    form.name.value = "clinic/risk"
    assert not form.publish_button.disabled
    getattr(form, field).value = bad
    assert says in words(form.message.value).replace("&#x27;", "'")
    assert "role='alert'" in form.message.value
    assert form.publish_button.disabled
    assert getattr(form, field).value == bad
    getattr(form, field).value = good
    assert form.message.value == ""
    assert not form.publish_button.disabled


def test_a_file_is_shared_by_its_path(form: ShareForm, tmp_path: Path, anna: Session) -> None:
    """Where the model is no object of this kernel; the path is asked for only then."""
    assert form.path.layout.display == "none"
    form.name.value = "clinic/risk"
    form.model.value = form.model.options[-1]
    assert form.path.layout.display == ""
    assert "Say which file or folder" in form.message.value
    assert form.publish_button.disabled
    (tmp_path / "weights.bin").write_bytes(b"weights")
    form.path.value = str(tmp_path / "weights.bin")
    publish(form)
    assert anna.release("clinic/risk:1.0").state is ReleaseState.published


def test_without_models_the_form_says_what_to_do(place: Workplace, notebook: Notebook) -> None:
    """An empty kernel is no dead end."""
    form = ShareForm(
        models=[],
        session=lambda: place.session("anna"),
        publish=notebook.publish,
        inspector=KernelInspector(None),
        fields={"name": "clinic/risk", "version": "1.0"},
    )
    first = form.widget.children[1]
    assert "Run its cell first, or share a file" in first.value
    assert form.path.layout.display == ""


def test_what_leaves_and_what_stays_is_said_before(
    form: ShareForm, shown: Callable[[Any], list[Any]]
) -> None:
    """Nobody publishes without having been told."""
    text = " ".join(one.value for one in shown(form.widget) if isinstance(one, w.HTML))
    assert "Leaves this machine" in text
    assert "Stays here: your data" in text


def test_every_field_has_its_label(form: ShareForm, shown: Callable[[Any], list[Any]]) -> None:
    """A name that a screen reader reads out, a different one each."""
    fields = [form.model, form.path, form.name, form.version, form.title, form.summary]
    fields += [form.license, form.sensitivity, form.regions, *form.rights.values()]
    visible = shown(form.widget)
    for field in fields:
        assert field in visible
        assert field.description
    assert len({field.description for field in fields}) == len(fields)


def test_publishing_ends_in_a_card(form: ShareForm, anna: Session) -> None:
    """The release is there with what was entered, and the form says how others ask for it."""
    form.name.value = "clinic/risk"
    form.title.value = "Risk <b>score</b>"
    form.sensitivity.value = Sensitivity.confidential
    form.regions.value = "eu, ch"
    form.rights[Right.fine_tune].value = True
    publish(form)
    listing = anna.release("clinic/risk:1.0").listing
    assert listing.title == "Risk <b>score</b>"
    assert listing.sensitivity is Sensitivity.confidential
    assert listing.regions == ("eu", "ch")
    assert set(listing.rights) == set(Right)
    assert "✓ Published clinic/risk:1.0" in form.message.value
    assert 'wb.request_access("clinic/risk:1.0")' in form.message.value
    assert form._progress.layout.display == "none"
    assert form.publish_button.disabled


def test_what_recipients_have_to_name_is_said_before_and_after(
    place: Workplace, notebook: Notebook, anna: Session
) -> None:
    """Trees are not known to be safe: a note under the model, and the call that loads it; for
    models that need nothing, no note; where nobody receives weights, no call."""
    forest = RandomForestClassifier(2, random_state=0).fit(ROWS, [0, 1])
    form = ShareForm(
        models=[LISTED, Candidate("forest", forest, "RandomForestClassifier")],
        session=lambda: place.session("anna"),
        publish=notebook.publish,
        inspector=KernelInspector(None),
        fields={"name": "clinic/risk", "version": "1.0"},
    )
    checked(form)
    assert "will have to name" not in line(form, "form")
    form.model.value = "forest · RandomForestClassifier"
    checked(form)
    assert "will have to name these types" in line(form, "form")
    assert "sklearn.tree._tree.Tree" in line(form, "form")
    assert not form.publish_button.disabled
    publish(form)
    assert "wb.open(\"clinic/risk:1.0\").load(trust=['sklearn.tree._tree.Tree'])" in words(
        form.message.value
    )
    assert "View in panel" in form.message.value
    assert form.policy.children == ()
    form.version.value = "1.1"
    form.rights[Right.retrieve].value = False
    publish(form)
    assert "✓ Published clinic/risk:1.1" in form.message.value
    assert "wb.open" not in form.message.value
    form.model.value = form.model.options[-1]
    assert "will have to name" not in line(form, "form")


def test_a_model_that_recipients_cannot_load_is_told_at_once(
    place: Workplace, notebook: Notebook
) -> None:
    """Not only after everything has been filled in."""
    form = ShareForm(
        models=[Candidate("mine", MyOwn().fit(ROWS, [0, 1]), "MyOwn")],
        session=lambda: place.session("anna"),
        publish=notebook.publish,
        inspector=KernelInspector(None),
        fields={"name": "", "version": "1.0"},
    )
    checked(form)
    assert "Recipients could not load this model" in line(form, "form")


def test_the_next_version_can_follow_from_the_same_form(form: ShareForm, anna: Session) -> None:
    """After a release the form goes on with another version."""
    form.name.value = "clinic/risk"
    publish(form)
    form.version.value = "1.1"
    assert form.publish_button.description == "Publish"
    assert not form.publish_button.disabled
    publish(form)
    assert [one.key for one in anna.catalogue()] == ["clinic/risk:1.0", "clinic/risk:1.1"]


def test_a_version_that_is_taken_is_refused_and_everything_kept(
    form: ShareForm, anna: Session, released: Callable[..., str]
) -> None:
    """The release there stays; the fields stay; another version goes through."""
    released()
    before = anna.release("clinic/risk:1.0")
    form.name.value = "clinic/risk"
    form.summary.value = "A long text that nobody wants to type again."
    publish(form)
    assert "is already published" in form.message.value
    assert "The existing release is as it was." in form.message.value
    assert anna.release("clinic/risk:1.0") == before
    assert form.summary.value == "A long text that nobody wants to type again."
    assert not form.publish_button.disabled
    form.version.value = "1.1"
    publish(form)
    assert anna.release("clinic/risk:1.1").listing.summary.startswith("A long text")


def test_a_denial_comes_with_buttons_that_help(
    form: ShareForm, anna: Session, buttons: Callable[[Any], list[w.Button]]
) -> None:
    """The reasons, what to do first, and a way forward that changes the fields and is allowed."""
    form.name.value = "clinic/risk"
    form.license.value = ""
    assert form.publish_button.disabled
    shown = " ".join(one.value for one in form.policy.children if isinstance(one, w.HTML))
    assert "Recipients must be able to look up" in shown
    assert "First: Choose a licence" in shown
    (offer,) = buttons(form)
    assert offer.description == "Choose the licence CC-BY-NC-4.0."
    offer.click()
    assert form.license.value == "CC-BY-NC-4.0"
    assert "✓ Policy: allowed" in form.policy.children[0].value
    publish(form)
    assert anna.release("clinic/risk:1.0").listing.license == "CC-BY-NC-4.0"


def test_a_suspended_person_is_told_whom_to_ask(form: ShareForm, place: Workplace) -> None:
    """Nothing in the form could help, so it offers no button but says who can."""
    steward = place.init("stella", roles=[Role.steward])
    Enrol(place.context()).suspend(steward.actor, "anna", "leaked a model")
    form.name.value = "clinic/risk"
    assert form.publish_button.disabled
    text = " ".join(one.value for one in form.policy.children)
    assert "suspended" in text
    assert "Ask a data steward" in text


def test_cancel_leaves_nothing_published(
    place: Workplace, anna: Session, notebook: Notebook
) -> None:
    """Pressed while sealing: said so, nothing listed, nothing logged, and publishing works then."""
    reached, go_on = threading.Event(), threading.Event()

    def slow(model: Any, draft: Any, progress: Any) -> Release:
        def report(what: str, done: int, total: int) -> None:
            reached.set()
            assert go_on.wait(60)
            progress(what, done, total)

        return notebook.publish(model, draft, report)

    form = ShareForm(
        models=[LISTED], session=lambda: place.session("anna"), publish=slow,
        inspector=KernelInspector(None), fields={"name": "clinic/risk", "version": "1.0"},
    )  # fmt: skip
    entries = len(place.context().records.entries())
    checked(form)
    form.publish_button.click()
    assert reached.wait(60)
    assert form._progress.layout.display == ""
    assert form.publish_button.disabled
    form.cancel_button.click()
    go_on.set()
    assert form.thread is not None
    form.thread.join(60)
    assert "Cancelled. Nothing was published." in form.message.value
    with pytest.raises(NotFound):
        anna.release("clinic/risk:1.0")
    assert len(place.context().records.entries()) == entries
    publish(form)
    assert anna.release("clinic/risk:1.0")


def test_typing_while_it_publishes_does_not_start_another(
    place: Workplace, notebook: Notebook
) -> None:
    """The button stays off until the end, whatever is typed meanwhile."""
    reached, go_on, runs = threading.Event(), threading.Event(), []

    def slow(model: Any, draft: Any, progress: Any) -> Release:
        runs.append(draft)
        reached.set()
        assert go_on.wait(60)
        return notebook.publish(model, draft, progress)

    form = ShareForm(
        models=[LISTED], session=lambda: place.session("anna"), publish=slow,
        inspector=KernelInspector(None), fields={"name": "clinic/risk", "version": "1.0"},
    )  # fmt: skip
    checked(form)
    form.publish_button.click()
    assert reached.wait(60)
    form.title.value = "Typed meanwhile"
    assert form.publish_button.disabled
    form.publish_button.click()
    go_on.set()
    assert form.thread is not None
    form.thread.join(60)
    assert len(runs) == 1
    assert "✓ Published" in form.message.value
    assert place.session("anna").release("clinic/risk:1.0").listing.title == "risk"


@pytest.mark.parametrize("error", [Unavailable("The disk is full."), ValueError("surprise")])
def test_a_failure_is_no_dead_end(place: Workplace, error: Exception) -> None:
    """Expected or not, it is told in words, the fields stay, and the button works again."""

    def fail(_model: Any, _draft: Any, _progress: Any) -> Release:
        raise error

    form = ShareForm(
        models=[LISTED],
        session=lambda: place.session("anna"),
        publish=fail,
        inspector=KernelInspector(None),
        fields={"name": "clinic/risk", "version": "1.0"},
    )
    publish(form)
    assert str(error) in form.message.value
    assert "role='alert'" in form.message.value
    assert form.name.value == "clinic/risk"
    assert not form.publish_button.disabled
    assert form._progress.layout.display == "none"


def test_what_is_shown_is_escaped(form: ShareForm) -> None:
    """Text that somebody typed is never markup."""
    form.name.value = "clinic/risk"
    form.license.value = "<img src=x onerror=alert(1)>"
    assert "<img" not in form.message.value
