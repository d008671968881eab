"""Tracking in a notebook, labels on its data, where a model comes from, and whose copy it is."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from workbench.capture import tracker
from workbench.errors import InputError
from workbench.forms import explain
from workbench.notebook.showing import Card, one_line
from workbench.origin.graph import Dataset, Graph
from workbench.services.sealing import ModelFile
from workbench.session import Session
from workbench.tracing.changed import changes_view
from workbench.tracing.exported import export
from workbench.tracing.family import lineage_view, recall
from workbench.tracing.trail import trail
from workbench.tracing.whose import whose_lines, whose_view
from workbench.widgets.graph import GraphWidget

__all__ = ["Traced", "Tracing", "Tracked", "Workplace"]

T = TypeVar("T")


class Workplace(Protocol):
    """What tracing uses of a workplace."""

    def session(self, person: str | None = None) -> Session: ...
    def files(self, path: Path) -> Sequence[ModelFile]: ...


class Tracked:
    """What ``wb.track()`` answers."""

    def __repr__(self) -> str:
        return (
            "Tracking is on: what is read, run and trained from here on goes with the model when "
            "it is shared. No data is kept, and nothing leaves before you share."
        )


class Traced(dict[str, Any]):
    """Whose copy a found file is, as JSON, shown in sentences."""

    def __repr__(self) -> str:
        return "\n".join(whose_lines(self))

    def _repr_html_(self) -> str:
        return f"<p style='white-space:pre-wrap'>{html.escape(repr(self))}</p>"


class Tracing:
    """The functions for lineage."""

    _workplace: Workplace

    def track(self) -> Tracked:
        """Keep the lineage of what is made in this notebook from now on.

        The same as ``%load_ext workbench``. Names of files, code and settings are kept in this
        kernel's memory, never values of the data; they leave it, sealed, with a model you share.

        Raises:
            InputError: this is no notebook.
        """
        tracker.start()
        return Tracked()

    def dataset(
        self,
        data: T,
        *,
        name: str,
        classification: str = "internal",
        regions: Sequence[str] = (),
        licence: str = "",
        source: str = "",
        annotations: Mapping[str, str] | None = None,
    ) -> T:
        """Label data, a table or the path of a file, and return it as it is.

        The label flows to everything made of the data, the most restrictive one wins, and it
        reaches the release: ``classification`` is open, internal, confidential or restricted,
        ``regions`` (such as ``["eu"]``) is where the weights may go. ``annotations`` says how it
        came to be: who labelled it, by which version of which guideline.

        Raises:
            InputError: a word that is none of these; nothing is labelled then.
        """
        try:
            label = Dataset.model_validate(
                {
                    "name": name, "classification": classification, "regions": tuple(regions),
                    "licence": licence, "source": source, "annotations": dict(annotations or {}),
                }
            )  # fmt: skip
        except ValidationError as error:
            raise InputError(
                f"This label cannot be used: {explain(error)}.",
                unchanged="The data is as it was, and not labelled.",
                hint="A classification is open, internal, confidential or restricted; a region is "
                "small letters, such as eu.",
            ) from error
        tracker.start().mark(data, label)
        return data

    def provenance(self, of: Any = None) -> GraphWidget:
        """Show where a model or other variable comes from, or a release by ``org/name:version``.

        Without an argument, everything that was tracked in this notebook.

        Raises:
            InputError: nothing was tracked here, or the object has no name in this notebook.
            NotFound: no such release, or no keys to its evidence.
        """
        if isinstance(of, str) and ":" in of:
            return GraphWidget(self._kept(of))
        running = tracker.current()
        if running is None:
            raise InputError(
                "Nothing was tracked in this notebook yet.",
                hint="Run %load_ext workbench (or wb.track()) first, then the cells to follow.",
            )
        return GraphWidget(running.graph(of))

    def changes(self, ref: str, since: str | None = None) -> Card:
        """Return what differs from the version before, or from version ``since``."""
        return Card(changes_view(self._workplace.session(), ref, since))

    def lineage(self, ref: str) -> Card:
        """Return what a release was derived from, and what was derived from it."""
        return Card(lineage_view(self._workplace.session(), ref))

    def recall(self, dataset: str) -> Card:
        """Return every release trained on a dataset, by its name or a file's digest."""
        return Card(recall(self._workplace.session(), dataset))

    def export(self, ref: str, form: str, path: str | Path | None = None) -> Path:
        """Write a release's lineage as ``prov``, ``crate``, ``bom`` or ``slsa``; return the file.

        Raises:
            InputError: no such format, no lineage, or a file that is there already.
            NotFound: no such release, or no keys to its evidence.
        """
        exported = export(trail(self._workplace.session(), ref), form)
        target = Path(path) if path is not None else Path(exported.name)
        try:
            with target.open("xb") as file:
                file.write(exported.data)
        except FileExistsError as error:
            raise InputError(
                f"{target} is already there.", unchanged="It was left as it was."
            ) from error
        return target

    def trace(
        self,
        path: str | Path,
        *,
        release: str | None = None,
        original: str | Path | None = None,
    ) -> Traced:
        """Tell whose marked copy a found file, or a folder, is, and how likely a mistake would be.

        It is compared with the unmarked model: that of the ``release``, to which you hold keys, or
        the ``original``, a file or folder. Copies are traced by whoever marked them: the owner who
        packed them, or the reviewer who approved with a mark. The release is opened for that and
        gone afterwards; the log says so.

        Raises:
            Denied: you are suspended (recorded).
            InputError: neither ``release`` nor ``original`` or both, no proper safetensors file,
                or another model.
            NotFound: no such file or release, no copy was marked by you, or you hold no keys.
            TrustError: the release, your notes or your marking key are not what they were.
            Unavailable: the keystore is locked, or NumPy is missing.
        """
        if (release is None) == (original is None):
            raise InputError(
                "A found file is compared with either a release or files.",
                unchanged="Nobody was named.",
                hint='Give release="name:version", or original="…" with the unmarked model.',
            )
        found = self._workplace.files(Path(path))
        against = self._workplace.files(Path(original)) if original is not None else str(release)
        with one_line() as progress:
            return Traced(whose_view(self._workplace.session(), found, against, progress))

    def _kept(self, ref: str) -> Graph:
        found = trail(self._workplace.session(), ref).provenance.graph
        if found is None:
            raise InputError(f"The lineage of {ref} was not kept.", hint="Ask its owner.")
        return found
