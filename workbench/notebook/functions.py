"""The functions for notebooks: share, request access, open."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from IPython import get_ipython

from workbench.capture import models, tracker
from workbench.capture.gather import Named, gather, lineage_of
from workbench.errors import InputError
from workbench.findings.depth import QUICK, Depth, Groups
from workbench.findings.statement import Inspection, facts
from workbench.notebook.inspecting import Inspecting, KernelInspector, fitted_on, tier
from workbench.notebook.lineage import Tracing
from workbench.notebook.measured import Measured, Told, measure, written
from workbench.notebook.showing import Asking, Card, Opened
from workbench.policy import terms as packaged
from workbench.records import Facts, Release, Request, Terms
from workbench.services.context import Progress
from workbench.services.publish import Draft
from workbench.services.request import Wish
from workbench.services.sealing import ModelFile
from workbench.session import Folder, Session, silent
from workbench.tracing.drafting import inherited_terms, shaped, statements
from workbench.views import person_view, release_view, request_view
from workbench.vocabulary import Right
from workbench.widgets.request_form import RequestForm
from workbench.widgets.share_form import ShareForm

__all__ = ["Notebook"]


class Workplace(Protocol):
    """What a notebook uses of a workplace."""

    @property
    def home(self) -> Path: ...
    def session(self, person: str | None = None) -> Session: ...
    def play(self, person: str) -> None: ...
    def files(self, path: Path) -> Sequence[ModelFile]: ...
    def target(self, path: Path) -> AbstractContextManager[Folder]: ...


class Notebook(Tracing, Inspecting):
    """What ``import workbench as wb`` offers, over one workplace."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace: Workplace = workplace

    def share(
        self,
        model: Any = None,
        *,
        name: str | None = None,
        version: str = "1.0",
        publish: bool = False,
        terms: str | None = None,
        data: tuple[Any, Any] | None = None,
        holdout: tuple[Any, Any] | None = None,
        form: str | None = None,
        thorough: bool = False,
        references: int | None = None,
        groups: Groups = None,
        sensitive: Sequence[str] | None = None,
        **fields: Any,
    ) -> Any:
        """Show the Share form, or with ``publish=True`` publish at once.

        ``model`` is a fitted scikit-learn model or a path; without it the form offers the fitted
        models of this kernel. ``data`` and ``holdout`` are ``(X, y)``, what it was trained on and
        what was set aside: it is measured on both, and the measures are signed with it.
        ``form="onnx"`` writes a model as ONNX, which the form offers as well. Where it is published
        at once, ``thorough``, ``references``, ``groups`` and ``sensitive`` say how closely it is
        measured, as for :meth:`inspect`; in the form that is entered. Further fields are those of
        the Share form: ``license``, ``title``, ``summary``, ``task``, ``sensitivity``,
        ``regions``, ``rights``, ``attribution``.

        Raises:
            Denied, InputError, Unavailable: when publishing at once; nothing is shared then.
        """
        named = Named(data=data, holdout=holdout)
        if publish:
            draft = Draft.of(name=name or "", version=version, terms=_terms(terms), **fields)
            if terms is None:
                draft = self._under_inherited_terms(draft, model)
            depth = Depth(tier(thorough), references=references, groups=groups, sensitive=sensitive)
            return self._card(self.publish(model, draft, silent, named, form=form, depth=depth))
        measured: dict[int, Measured] = {}
        shown = ShareForm(
            models=self._candidates(model),
            session=self._workplace.session,
            publish=lambda chosen, draft, progress: self.publish(
                chosen, draft, progress, named, measured.get(id(chosen)), shown.checks.form.chosen()
            ),
            lineage=lineage_of,
            inspector=KernelInspector(lambda chosen, found: measured.update({id(chosen): found})),
            given=(data, holdout),
            form=form,
            fields={"name": name or "", "version": version, **fields},
        )
        return shown.widget

    def publish(
        self,
        model: Any,
        draft: Draft,
        progress: Progress,
        named: Named | None = None,
        measured: Measured | None = None,
        form: str | None = None,
        depth: Depth = QUICK,
    ) -> Release:
        """Publish a model or a path under a draft; what the form's button does.

        ``measured`` is what the form found out; a model that has changed since is measured again,
        as closely, and one that was not measured as closely as ``depth`` says.
        ``form`` is the form to write it in, where that is not the safest one there is.
        """
        session = self._workplace.session()
        named = named or Named()
        provenance = gather(model, named, progress)
        with tempfile.TemporaryDirectory(prefix="workbench-") as scratch:
            place = Path(scratch)
            if isinstance(model, str | Path):
                place, found = Path(model), Inspection()
            else:
                found = self._inspected(model, named, measured, place, progress, form, depth)
            measures = facts(Facts(), found)
            draft = shaped(draft.model_copy(update={"facts": measures}), provenance.graph)
            signed = statements(session, draft.name, provenance, found)
            return session.publish(
                draft, self._workplace.files(place), statements=signed, progress=progress
            )

    def _inspected(
        self,
        model: Any,
        named: Named,
        measured: Measured | None,
        place: Path,
        progress: Progress,
        form: str | None,
        depth: Depth,
    ) -> Inspection:
        """Write a model, and return what it would give away."""
        data, holdout = named.data, named.holdout
        if data is None and holdout is None:
            data, holdout = fitted_on(model)
        if measured is None or not measured.is_of(model):
            depth = measured.depth if measured is not None else depth
            measured = measure(model, data, holdout, Told(progress), depth, form=form)
        progress("Saving the model", 0, 1)
        sample = next((pair[0] for pair in (holdout, data) if pair is not None), None)
        report = measured.written(place, form) or written(model, place, sample, form)
        return replace(measured.inspection, converted=report)

    def _under_inherited_terms(self, draft: Draft, model: Any) -> Draft:
        graph = lineage_of(model)
        inherited = inherited_terms(self._workplace.session(), graph) if graph else None
        return draft.model_copy(update={"terms": inherited}) if inherited else draft

    def request_access(
        self,
        ref: str,
        right: str | None = None,
        purpose: str | None = None,
        *,
        category: str = "research",
        days: int = 30,
        accept_terms: bool = False,
    ) -> Any:
        """Show the request form, or with a right and a purpose make the request at once.

        Raises:
            Denied, InputError: when asking at once; no request is made then.
        """
        session = self._workplace.session()
        release = session.release(ref)
        if right is None or purpose is None:
            return RequestForm(session=self._workplace.session, ref=ref, days=days).widget
        if not accept_terms:
            terms = session.terms(release)
            raise InputError(
                f"The terms have to be accepted: {terms.title}.\n\n{terms.text}\n",
                unchanged="No request was made.",
                hint="Read them, then pass accept_terms=True.",
            )
        wish = Wish.of(right=Right(right), days=days, category=category, text=purpose)
        request: Request = session.request(ref, wish, release.listing.terms)
        return Card(request_view(session, request))

    def open(self, ref: str, to: str | Path | None = None) -> Opened:
        """Verify a release step by step and open it into a folder.

        Raises:
            Denied: no valid grant for this person and device.
            TrustError: naming the step that failed; nothing is left behind.
        """
        session = self._workplace.session()
        target = Path(to) if to is not None else self._private_folder(ref)
        opened = session.open(ref, self._workplace.target(target))
        manifest = session.release(ref).manifest
        known, folder = opened.listing.ref, target / "model"
        return Opened(
            known,
            folder,
            opened.passed,
            lambda model: _came_from(model, known, manifest),
            Asking(
                known,
                lambda: self._workplace.files(folder),
                opened.resources,
                lambda report, insisted: session.allow_load(known, report, insisted),
            ),
            opened.copy.said.told() if opened.copy else "",
        )

    def me(self, person: str | None = None) -> Session:
        """Return everything one person can do and see; see :class:`workbench.session.Session`.

        This is how reviewers and auditors work from Python: ``queue``, ``decide``, ``revoke``,
        ``timeline``, ``verify_log``, ``receipt``.

        Raises:
            NotFound: nobody has been set up here, or nobody of that name.
        """
        return self._workplace.session(person)

    def who(self) -> Card:
        """Return who acts in this notebook."""
        return Card(person_view(self._workplace.session().person))

    def use(self, person: str) -> Card:
        """Play another person of the workshop.

        Raises:
            InputError: this is no workshop, or nobody is called that.
        """
        self._workplace.play(person)
        return self.who()

    def _candidates(self, model: Any) -> list[models.Candidate]:
        if model is not None:
            return [models.Candidate("model", model, type(model).__name__)]
        shell = get_ipython()
        return models.find(shell.user_ns) if shell else []

    def _private_folder(self, ref: str) -> Path:
        parent = self._workplace.home / "opened"
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = ref.replace("/", "-").replace(":", "-")
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))

    def _card(self, release: Release) -> Card:
        return Card(release_view(self._workplace.session(), release))


def _terms(text: str | None) -> Terms:
    return packaged.of(text) if text else packaged.standard()


def _came_from(model: Any, ref: str, manifest: str) -> None:
    """Tell a running tracker that an object is a release's model."""
    running = tracker.current()
    if running is not None:
        running.came_from(model, ref, manifest)
