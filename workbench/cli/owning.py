"""People, publishing and the later life of releases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.console import desk, progress, show, table
from workbench.errors import InputError
from workbench.policy import terms as packaged
from workbench.records import Parent, Terms
from workbench.services.publish import Draft
from workbench.views import person_view, release_view
from workbench.vocabulary import Right, Role, Sensitivity

__all__ = ["AsJson", "Level", "Rationale", "Ref", "TermsFile", "add", "read_terms"]

_MAX_TERMS = 1024 * 1024  # bytes; far more than terms may have

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Rationale = Annotated[str, typer.Option(help="Why; it is kept in the log.")]
Ref = Annotated[str, typer.Argument(metavar="NAME:V", help="A release, such as lab/model:1.0.")]
Level = Annotated[Sensitivity, typer.Option(help="How sensitive the data behind it is.")]
TermsFile = Annotated[
    Path | None,
    typer.Option(help="A text file, its first line the title; without it, the standard terms."),
]


def init(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="A short name, such as ada.")],
    role: Annotated[list[Role] | None, typer.Option(help="May be given several times.")] = None,
    display: Annotated[str | None, typer.Option(help="The name people see.")] = None,
    region: Annotated[str, typer.Option(help="Where this device stands.")] = "eu",
    classical: Annotated[
        bool, typer.Option("--classical", help="An X25519 key, for people with an older age.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make this person's keys, the embedded exchange if there is none, and enrol."""
    session = desk(context).workplace.init(
        name,
        display=display,
        roles=role or [Role.researcher],
        region=region,
        classical=classical,
    )
    person = session.person
    where = desk(context).workplace.keystore.describe()
    show(
        person_view(person),
        as_json,
        lambda: f"{person.name} is enrolled. Private keys are {where}.",
    )


def people(context: typer.Context, as_json: AsJson = False) -> None:
    """Show who is enrolled, with their roles and devices."""
    everyone = desk(context).session.people()
    views = [
        {
            **person_view(person),
            "suspended": person.suspended,
            "devices": [device.model_dump(mode="json") for device in person.devices],
        }
        for person in everyone
    ]
    rows = [
        (p.id, p.name, ", ".join(p.roles) or "-", p.devices[0].id[:16], p.suspended or "")
        for p in everyone
    ]
    show(views, as_json, lambda: table(rows, "Nobody is enrolled."))


def publish(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A model folder, or one file.")],
    name: Annotated[str, typer.Option(help="ORG/NAME.")],
    version: Annotated[str, typer.Option(help="Such as 1.0.")],
    license_: Annotated[str, typer.Option("--license", help="An SPDX licence identifier.")],
    terms: TermsFile = None,
    sensitivity: Level = Sensitivity.internal,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Where the data belongs; may be given several times."),
    ] = None,
    right: Annotated[
        list[Right] | None,
        typer.Option(help="What may be asked for; may be given several times."),
    ] = None,
    title: Annotated[str, typer.Option(help="A name for people.")] = "",
    summary: Annotated[str, typer.Option(help="What it is, in a few sentences.")] = "",
    task: Annotated[str, typer.Option(help="What it does, such as classification.")] = "",
    attribution: Annotated[str, typer.Option(help="Whom to name when using it.")] = "",
    derived_from: Annotated[
        list[str] | None,
        typer.Option(help="A release (NAME:V) that it was made from; may be given several times."),
    ] = None,
    classical: Annotated[
        bool, typer.Option("--classical", help="Seal so that an older age opens it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Seal, sign and list a release."""
    own = desk(context)
    made_from = [own.session.release(ref) for ref in derived_from or ()]
    draft = Draft.of(
        name=name,
        version=version,
        license=license_,
        terms=read_terms(terms),
        sensitivity=sensitivity,
        regions=tuple(region or ()),
        rights=tuple(right or (Right.infer, Right.retrieve)),
        title=title,
        summary=summary,
        task=task,
        attribution=attribution,
        parents=tuple(Parent(ref=one.key, manifest=one.manifest) for one in made_from),
    )
    files = own.workplace.files(path)
    with progress(as_json) as report:
        release = own.session.publish(draft, files, classical=classical, progress=report)
    show(
        release_view(own.session, release),
        as_json,
        lambda: f"Published {release.key} ({len(files)} files, sealed and signed).",
    )


def state(verb: str, help_: str) -> object:
    """Return the command that moves a release by ``verb``."""

    def change(
        context: typer.Context, ref: Ref, rationale: Rationale, as_json: AsJson = False
    ) -> None:
        session = desk(context).session
        release = session.change_state(ref, verb, rationale)
        show(
            release_view(session, release),
            as_json,
            lambda: f"{release.key} is now {release.state.value}.",
        )

    change.__doc__ = help_
    return change


def add_custodian(
    context: typer.Context,
    ref: Ref,
    person: Annotated[str, typer.Argument(help="The short name of a reviewer.")],
    as_json: AsJson = False,
) -> None:
    """Give one more reviewer the keys to grant a release with."""
    desk(context).session.add_custodian(ref, person)
    show(
        {"ref": ref, "person": person},
        as_json,
        lambda: f"{person} can now review requests for {ref}.",
    )


def suspend(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The person's short name.")],
    rationale: Rationale,
    lift: Annotated[bool, typer.Option("--lift", help="Let the person back in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Suspend a person, or lift it; stewards only."""
    changed = desk(context).session.suspend(person, rationale, lift=lift)
    show(
        {**person_view(changed), "suspended": changed.suspended},
        as_json,
        lambda: f"{person} is {'back in' if lift else 'suspended'}.",
    )


def read_terms(path: Path | None) -> Terms:
    """Return the terms in a file, or the standard ones.

    Raises:
        InputError: the file cannot be used.
    """
    if path is None:
        return packaged.standard()
    try:
        with path.open("rb") as file:
            return packaged.of(file.read(_MAX_TERMS).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The terms in {path} cannot be read as text.",
            unchanged="Nothing was published.",
            hint="Give a text file: a title on the first line, the conditions below it.",
        ) from error


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(init)
    app.command()(people)
    app.command()(publish)
    for verb, help_ in (
        ("deprecate", "Allow renewals only."),
        ("retire", "End new grants; holders are told."),
        ("withdraw", "After an incident: no key is handed out any more. Cannot be undone."),
    ):
        app.command(verb)(state(verb, help_))  # type: ignore[type-var]
    custodian = typer.Typer(
        help="Who holds the keys to grant a release with.", no_args_is_help=True
    )
    custodian.command("add")(add_custodian)
    app.add_typer(custodian, name="custodian")
    app.command()(suspend)
