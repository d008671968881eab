"""Opening, verifying, and sealed files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import Desk, desk, progress, show, write_new
from workbench.cli.marking import prepared
from workbench.cli.owning import AsJson, Level, TermsFile, read_terms
from workbench.crypto.keys import VerifyingKey
from workbench.errors import InputError, TrustError
from workbench.records import Listing
from workbench.release import trust
from workbench.release.copied import Copy
from workbench.services import opened as opened_folder
from workbench.services import pack as packing
from workbench.services.context import Progress
from workbench.services.publish import Draft, listing_for
from workbench.services.unlocking import Parcel
from workbench.stores.contracts import Blobs
from workbench.views import copy_view
from workbench.vocabulary import Sensitivity

__all__ = ["Granter", "Signer", "add", "public_key"]

Signer = Annotated[
    Path | None,
    typer.Option(help="The owner's public key (PEM), where the owner is not enrolled here."),
]
Granter = Annotated[
    Path | None,
    typer.Option(help="The public key (PEM) of whoever granted a marked copy, likewise."),
]
What = Annotated[str, typer.Argument(help="NAME:V, a .share file, or an opened folder.")]


def open_(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="NAME:V or a .share file.")],
    to: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    signer: Signer = None,
    as_json: AsJson = False,
) -> None:
    """Verify every step and decrypt; nothing is left behind if a step fails."""
    own = desk(context)
    target = own.workplace.target(to)
    with progress(as_json) as report:
        if _is_file(what):
            with own.workplace.read_share(Path(what)) as (shared, blobs):
                parcel = _parcel(own, shared, blobs, signer)
                opened = own.session.open_parcel(parcel, blobs, target, report)
        else:
            opened = own.session.open(what, target, report)
    steps = _steps(opened.passed, _MEANING)
    copy = _copy(own, opened.copy)
    result = {"ref": opened.listing.ref, "folder": str(to), "steps": steps, **copy}
    said = [f"{opened.listing.ref} is in {to}.", _lines(steps)]
    said += [opened.copy.said.told()] if opened.copy is not None else []
    show(result, as_json, lambda: "\n".join(said))


def verify(
    context: typer.Context,
    what: What,
    signer: Signer = None,
    granter: Granter = None,
    as_json: AsJson = False,
) -> None:
    """Show each trust step with its outcome, without writing anything."""
    own = desk(context)
    meaning = opened_folder.MEANING if Path(what).is_dir() else _MEANING
    try:
        with progress(as_json) as report:
            found = _verify(own, what, signer, granter, report)
    except TrustError as error:
        steps = [*_steps(error.passed, meaning), _step(error.step, "failed", meaning)]
        show({"what": what, "steps": steps}, as_json, lambda: _lines(steps))
        raise
    steps = _steps(found.passed, meaning)
    if Path(what).is_dir() and "receipt" not in found.passed:
        steps.append(_step("receipt", "absent", _ABSENT))
    copy = _copy(own, found.copy)
    said = [_lines(steps), *(_MARKED.format(**one) for one in copy.values())]
    show({"what": what, "steps": steps, **copy}, as_json, lambda: "\n".join(said))


def pack(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A model folder, or one file.")],
    to: Annotated[list[str], typer.Option(help="A person's name here, or an age recipient.")],
    out: Annotated[Path, typer.Option(help="The .share file to write.")],
    name: Annotated[str, typer.Option(help="ORG/NAME.")],
    version: Annotated[str, typer.Option(help="Such as 1.0.")] = "1.0",
    license_: Annotated[
        str, typer.Option("--license", help="An SPDX licence identifier.")
    ] = "LicenseRef-Unstated",
    terms: TermsFile = None,
    sensitivity: Level = Sensitivity.internal,
    mark: Annotated[
        bool,
        typer.Option(
            "--mark", help="Mark the weights for the one person, for `workbench trace` to find."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Seal a model into one file for named people, with no exchange at all."""
    own = desk(context)
    session = own.session
    if out.exists():
        raise InputError(f"{out} is already there.", unchanged="It was left as it was.")
    draft = Draft.of(
        name=name,
        version=version,
        license=license_,
        terms=read_terms(terms),
        sensitivity=sensitivity,
    )
    people = session.people()
    named = [item for text in to for item in packing.addressee(text, people)]

    def listing(commitment: str) -> Listing:
        return listing_for(draft, session.person, commitment)

    with (
        progress(as_json) as report,
        own.workplace.scratch() as blobs,
        prepared(own, path, to, named, mark, report) as model,
    ):
        shared = packing.pack(
            session.context, session.actor, listing, model.files, named, blobs, report
        )
        marked, said = model.note(shared)
        own.workplace.write_share(out, shared, blobs)
    result = {"ref": shared.ref, "file": str(out), "manifest": shared.manifest, **marked}
    text = f"{out} holds {shared.ref}, sealed to {len(named)} device(s)."
    show(result, as_json, lambda: "\n".join([text, *said]))


def identity(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The file to write, such as ada.pem.")],
    as_json: AsJson = False,
) -> None:
    """Write this device's public signing key, for people who verify without an exchange."""
    key = desk(context).session.actor.device
    write_new(out, key.signing_key.encode("ascii"))
    result = {"file": str(out), "fingerprint": key.id, "recipient": key.recipient}
    text = f"{out} holds the public key {key.id}.\nFiles are sealed to this device with\n"
    show(result, as_json, lambda: text + key.recipient)


def _copy(own: Desk, copy: Copy | None) -> dict[str, dict[str, Any]]:
    return {} if copy is None else {"copy": copy_view(copy, own.session.people())}


def _verify(
    own: Desk, what: str, signer: Path | None, granter: Path | None, report: Progress
) -> opened_folder.Verified:
    if Path(what).is_dir():
        return opened_folder.verify(
            own.workplace.opened(Path(what)),
            own.session.people(),
            own.session.context.verifier,
            public_key(signer),
            public_key(granter),
        )
    if _is_file(what):
        with own.workplace.read_share(Path(what)) as (shared, blobs):
            parcel = _parcel(own, shared, blobs, signer)
            return opened_folder.Verified(own.session.verify_parcel(parcel, blobs, report))
    return opened_folder.Verified(own.session.verify(what, report))


def _parcel(own: Desk, shared: packing.SharedFile, blobs: Blobs, signer: Path | None) -> Parcel:
    session = own.session
    pem = public_key(signer)
    return packing.parcel(
        shared,
        blobs,
        session.actor.device,
        lambda fingerprint: packing.owner_of(fingerprint, session.people(), pem),
    )


def public_key(path: Path | None) -> str | None:
    """Return the PEM in a file, once it has been seen to be a key."""
    if path is None:
        return None
    try:
        return VerifyingKey.from_pem(path.read_text("ascii")).pem
    except (InputError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read as a public key.",
            unchanged="Nothing was opened.",
            hint="The owner writes it with `workbench identity --out`.",
        ) from error


def _is_file(what: str) -> bool:
    """A release is ``org/name:version``; anything else that is asked for is a path."""
    return what.endswith(".share") or Path(what).is_file()


_MARKED = "This is a marked copy: {granter} made it for {person}, under the grant {grant}."
_SIGNS = {"passed": "✓", "failed": "✗", "absent": "–"}
_MEANING = {
    **trust.MEANING,
    "sealed files": "every sealed file is the one that was published; you hold no key to look in",
}
_ABSENT = {"receipt": "none is in the folder, so nothing here shows that this was published"}


def _step(name: str, outcome: str, meaning: Mapping[str, str]) -> dict[str, str]:
    return {"step": name, "outcome": outcome, "meaning": meaning.get(name, "")}


def _steps(passed: tuple[str, ...], meaning: Mapping[str, str]) -> list[dict[str, str]]:
    return [_step(name, "passed", meaning) for name in passed]


def _lines(steps: list[dict[str, str]]) -> str:
    return "\n".join(_line(**step) for step in steps)


def _line(step: str, outcome: str, meaning: str) -> str:
    shown = outcome != "failed" and meaning  # what failed does not mean it
    return f"  {_SIGNS[outcome]} {step}" + (f": {meaning}" if shown else "")


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("open")(open_)
    app.command()(verify)
    app.command()(pack)
    app.command()(identity)
