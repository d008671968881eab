"""What an attacker, or a dishonest granter, can change about a marked copy."""

from __future__ import annotations

from tests.simulator import MARKED, Actor, Simulator, resources
from tests.unit.release.attacks import Attack, flipped, other
from workbench.encoding import digest
from workbench.release import acts, copied, layout, signing

__all__ = ["COPY_ATTACKS"]

COPY_ATTACKS: list[tuple[str, Attack]] = [
    ("its manifest changed", lambda s: s.edit(copy_manifest=flipped(s.copy_manifest))),
    ("the release's own manifest", lambda s: s.edit(copy_manifest=s.manifest)),
    ("of another release", lambda s: s.edit(copy_manifest=other(s).copy_manifest)),
    ("no manifest", lambda s: (s.edit(copy_manifest=b"{}"), named(s))),
    ("another listing", lambda s: remade(s, listing=other(s).listing)),
    ("another number of files", lambda s: remade(s, files=slice(1, None))),
    ("sealed statement changed", lambda s: s.edit(sealed_copy=flipped(s.sealed_copy))),
    ("statement changed", lambda s: s.edit(copy_statement=flipped(s.copy_statement))),
    ("statement of another release", lambda s: s.edit(copy_statement=other(s).copy_statement)),
    ("not text", lambda s: s.edit(copy_statement=b"\xff\n\n")),
    ("no statement", lambda s: s.edit(copy_statement=b"")),
    ("a line more", lambda s: s.edit(copy_statement=s.copy_statement + b"x\n")),
    ("a line less", lambda s: s.edit(copy_statement=s.copy_statement.split(b"\n")[0])),
    (
        "another spelling",
        lambda s: s.edit(copy_statement=s.copy_statement.replace(b"\n{", b"\n {")),
    ),
    ("signed by a stranger", lambda s: resaid(s, signer=s.stranger)),
    ("signed by the owner", lambda s: resaid(s, signer=s.owner)),
    ("its files signed by a stranger", lambda s: relined(s, s.stranger)),
    ("for another release", lambda s: resaid(s, release="lab/other:1.0")),
    ("for another manifest", lambda s: resaid(s, manifest=digest(b"x"))),
    ("for another grant", lambda s: resaid(s, grant="grant-2")),
    ("for another person", lambda s: resaid(s, person="sam")),
    ("with the files of another copy", lambda s: resaid(s, root="ab" * 32)),
    ("nothing marked", lambda s: resaid(s, marked=[])),
    ("another field", lambda s: resaid(s, more=1)),
    ("another file marked", lambda s: resaid(s, marked=[part(s, "config.json")])),
    ("a file marked that is not there", lambda s: resaid(s, marked=[part(s), part(s, "new")])),
    ("a file marked twice", lambda s: resaid(s, marked=[part(s), part(s)])),
    ("another act", lambda s: resaid(s, kind="grant")),
    ("an unmarked file changed", lambda s: refiled(s, {"config.json": b"{}"})),
    ("a file more", lambda s: refiled(s, {"new": b"x"})),
    ("a file less", lambda s: refiled(s, {"config.json": None})),
    ("a file of another name", lambda s: refiled(s, {"config.json": None, "config": b"x"})),
]


def named(sim: Simulator) -> None:
    """Let the granter sign a grant that names the copy's manifest as it is now."""
    assert sim.grant is not None
    bare = sim.grant.evolve(copy_manifest=digest(sim.copy_manifest), statement="")
    sim.grant = bare.evolve(
        statement=sim.granter.sign(acts.act("grant", [], acts.signed_body(bare)))
    )


def remade(sim: Simulator, *, listing: bytes | None = None, files: slice = slice(None)) -> None:
    """Let the granter name a copy with other parts."""
    manifest = layout.Manifest.from_bytes(sim.copy_manifest)
    config = layout.Descriptor.of(layout.LISTING, listing) if listing else manifest.config
    evidence_layer = layout.Descriptor.of(layout.EVIDENCE, sim.sealed_copy)
    sim.copy_manifest = layout.Manifest(config, evidence_layer, manifest.files[files]).to_bytes()
    named(sim)


def resaid(
    sim: Simulator, *, signer: Actor | None = None, kind: str = copied.KIND, **changes: object
) -> None:
    """Let the granter, or somebody else, say something else about the copy."""
    act = acts.act(kind, [], sim.said.model_dump(mode="json") | changes)
    signed = (signer or sim.granter).sign(act)
    sim.copy_statement = copied.compose(signed, sim.copy_signature)
    sim.sealed_copy = sim.seal(sim.copy_statement, sim.keys.evidence)
    remade(sim)


def relined(sim: Simulator, signer: Actor) -> None:
    """Let somebody else sign the list of the copy's files."""
    sim.copy_signature = signer.sign(signing.statement("model", sim.found))
    resaid(sim)


def refiled(sim: Simulator, changes: dict[str, bytes | None]) -> None:
    """Let the granter sign a copy with other files, or without some."""
    contents = {**sim.contents, MARKED: bytes(reversed(sim.contents[MARKED])), **changes}
    sim.found = resources({name: data for name, data in contents.items() if data is not None})
    sim.copy_signature = sim.granter.sign(signing.statement("model", sim.found))
    resaid(sim, root=signing.root_digest(sim.found))


def part(sim: Simulator, name: str = MARKED) -> dict[str, object]:
    (said,) = sim.said.marked
    return said.model_dump(mode="json") | {"name": name}
