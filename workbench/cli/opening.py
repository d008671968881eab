"""Opening, verifying, and sealed files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import Desk, desk, progress, show
from workbench.cli.owning import AsJson, read_terms
from workbench.errors import InputError
from workbench.records import Listing, Sensitivity
from workbench.services import opened as opened_folder
from workbench.services import pack as packing
from workbench.services.context import Progress
from workbench.services.publish import Draft, listing_for
from workbench.services.unlocking import Parcel

__all__ = ["add"]

Signer = Annotated[Path | None, typer.Option(help="The owner's public key (PEM) for a .share.")]
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
    result = {"ref": opened.listing.ref, "folder": str(to), "steps": list(opened.passed)}
    show(result, as_json, lambda: f"{opened.listing.ref} is in {to}.\n{_steps(opened.passed)}")


def verify(
    context: typer.Context, what: What, signer: Signer = None, as_json: AsJson = False
) -> None:
    """Show each trust step with its outcome, without writing anything."""
    own = desk(context)
    with progress(as_json) as report:
        passed = _verify(own, what, signer, report)
    show({"what": what, "steps": list(passed)}, as_json, lambda: _steps(passed))


def pack(
    context: typer.Context,
    path: Path,
    to: Annotated[list[str], typer.Option(help="A person's name here, or an age recipient.")],
    out: Annotated[Path, typer.Option(help="The .share file to write.")],
    name: Annotated[str, typer.Option(help="ORG/NAME")],
    version: Annotated[str, typer.Option()] = "1.0",
    license_: Annotated[str, typer.Option("--license")] = "LicenseRef-Unstated",
    terms: Annotated[Path | None, typer.Option()] = None,
    sensitivity: Annotated[Sensitivity, typer.Option()] = Sensitivity.internal,
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

    with progress(as_json) as report, own.workplace.scratch() as blobs:
        shared = packing.pack(
            session.actor,
            listing,
            own.workplace.files(path),
            named,
            blobs,
            session.context.random,
            report,
        )
        own.workplace.write_share(out, shared, blobs)
    result = {"ref": shared.ref, "file": str(out), "manifest": shared.manifest}
    show(result, as_json, lambda: f"{out} holds {shared.ref}, sealed to {len(named)} device(s).")


def identity(context: typer.Context, out: Annotated[Path, typer.Option()]) -> None:
    """Write this device's public signing key, for people who verify without an exchange."""
    key = desk(context).session.actor.device
    try:
        with out.open("x", encoding="ascii") as file:
            file.write(key.signing_key)
    except FileExistsError as error:
        raise InputError(f"{out} is already there.", unchanged="It was left as it was.") from error
    typer.echo(f"{out} holds the public key {key.id}.")


def _verify(own: Desk, what: str, signer: Path | None, report: Progress) -> tuple[str, ...]:
    if Path(what).is_dir():
        return opened_folder.verify(
            own.workplace.opened(Path(what)),
            own.session.people(),
            own.session.context.verifier,
        )
    if _is_file(what):
        with own.workplace.read_share(Path(what)) as (shared, blobs):
            parcel = _parcel(own, shared, blobs, signer)
            return own.session.verify_parcel(parcel, blobs, report)
    return own.session.verify(what, report)


def _parcel(own: Desk, shared: packing.SharedFile, blobs: Any, signer: Path | None) -> Parcel:
    session = own.session
    try:
        pem = signer.read_text("ascii") if signer else None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{signer} cannot be read as a public key.") from error
    return packing.parcel(
        shared,
        blobs,
        session.actor.device,
        lambda fingerprint: packing.owner_of(fingerprint, session.people(), pem),
    )


def _is_file(what: str) -> bool:
    """A release is ``org/name:version``; anything else that is asked for is a path."""
    return what.endswith(".share") or Path(what).is_file()


def _steps(passed: tuple[str, ...]) -> str:
    return "\n".join(f"  ✓ {step}" for step in passed)


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("open")(open_)
    app.command()(verify)
    app.command()(pack)
    app.command()(identity)
