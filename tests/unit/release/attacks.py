"""What an attacker can change about a received release, each a small edit of the simulator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.simulator import NOW, Actor, Simulator
from workbench.crypto import dsse
from workbench.encoding import b64decode, b64encode, canonical, digest, parse
from workbench.ledger import proof
from workbench.release import envelope, evidence, layout, signing, trust
from workbench.vocabulary import GrantState, Right

__all__ = ["ATTACKS", "Attack", "bare", "composed", "flipped", "other"]

Attack = Callable[[Simulator], object]
DAY = timedelta(days=1)


def flipped(data: bytes) -> bytes:
    """Change one bit in the middle."""
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def spoilt(bundle: str) -> str:
    """Change one bit of a bundle's signature."""
    value = parse(bundle.encode())
    signature = value["dsseEnvelope"]["signatures"][0]
    signature["sig"] = b64encode(flipped(b64decode(signature["sig"])))
    return canonical(value).decode()


def relisted(sim: Simulator, **changes: object) -> None:
    """Let the owner sign a release whose listing says something else."""
    listing = parse(sim.listing) | changes
    sim.listing = canonical(listing)
    manifest = layout.Manifest.from_bytes(sim.manifest)
    config = layout.Descriptor.of(layout.LISTING, sim.listing)
    sim.manifest = layout.Manifest(config, manifest.evidence, manifest.files).to_bytes()
    sim.manifest_digest = digest(sim.manifest)
    sim.statement = sim.owner.sign(
        trust.release_statement(sim.published_ref, sim.manifest_digest, digest(sim.listing))
    )
    sim.announce()


def remeasured(sim: Simulator, signer: Actor, root: str) -> None:
    """Let somebody add a statement to the evidence before publication."""
    lines = sim.evidence.decode().splitlines()
    extra = signer.sign(dsse.statement([("model", root)], "urn:example:leakage", {"band": "low"}))
    sim.evidence = evidence.compose([*lines, extra])


def other(sim: Simulator) -> Simulator:
    """Another release of the same people, with keys of its own."""
    second = Simulator("lab/other:1.0", seed=2, marked=sim.marked)
    for name in ("owner", "reviewer", "recipient", "evaluator", "stranger"):
        setattr(second, name, getattr(sim, name))
    second.publish()
    second.approve()
    return second


def signed_by(sim: Simulator, actor: Actor) -> None:
    sim.granter = actor
    sim.approve()


ATTACKS: dict[str, list[tuple[str, Attack]]] = {
    "manifest": [
        ("changed", lambda s: s.edit(manifest=flipped(s.manifest))),
        ("cut off", lambda s: s.edit(manifest=s.manifest[:-1])),
        ("another one", lambda s: s.edit(manifest=other(s).manifest)),
        ("another digest", lambda s: s.edit(manifest_digest=digest(b"x"))),
        ("no digest", lambda s: s.edit(manifest_digest="sha512:00")),
        ("no manifest", lambda s: s.edit(manifest=b"{}", manifest_digest=digest(b"{}"))),
    ],
    "release statement": [
        ("changed", lambda s: s.edit(statement=spoilt(s.statement))),
        ("not a bundle", lambda s: s.edit(statement="hello")),
        ("of another release", lambda s: s.edit(statement=other(s).statement)),
        ("asked for by another name", lambda s: s.edit(ref="lab/model:2.0")),
        (
            "by a stranger",
            lambda s: s.edit(
                statement=s.stranger.sign(
                    trust.release_statement(s.published_ref, s.manifest_digest, digest(s.listing))
                )
            ),
        ),
        (
            "of another edition",
            lambda s: s.edit(
                statement=s.owner.sign(
                    trust.release_statement(s.published_ref, digest(b"x"), digest(s.listing))
                )
            ),
        ),
        (
            "with another listing",
            lambda s: s.edit(
                statement=s.owner.sign(
                    trust.release_statement(s.published_ref, s.manifest_digest, digest(b"x"))
                )
            ),
        ),
        (
            "of another kind",
            lambda s: s.edit(
                statement=s.owner.sign(
                    dsse.statement([(s.published_ref, "ab" * 32)], "urn:example:x", {})
                )
            ),
        ),
        (
            "naming no release",
            lambda s: s.edit(
                statement=s.owner.sign(
                    dsse.statement([(s.published_ref, "ab" * 32)], trust.RELEASE_TYPE, {})
                )
            ),
        ),
        ("owner has another device", lambda s: s.edit(trusted_owner=Actor("olga").person)),
        ("known by another key", lambda s: s.edit(trusted_owner=s.stranger.key)),
    ],
    "listing": [
        ("changed", lambda s: s.edit(listing=flipped(s.listing))),
        ("cut off", lambda s: s.edit(listing=s.listing[:-1])),
        ("of another release", lambda s: s.edit(listing=other(s).listing)),
        ("another name, signed", lambda s: relisted(s, name="lab/else")),
        ("another version, signed", lambda s: relisted(s, version="9")),
        ("another owner, signed", lambda s: relisted(s, owner="sam")),
        ("an unknown field, signed", lambda s: relisted(s, rows=1000)),
    ],
    "receipt": [
        ("changed", lambda s: s.edit(receipt=flipped(s.receipt))),
        ("of another log", lambda s: s.edit(receipt=other(s).receipt)),
        ("not a receipt", lambda s: s.edit(receipt=b"")),
        ("entry of another event", lambda s: s.edit(entry=other(s).entry)),
        ("another place", lambda s: s.edit(entry=moved(s))),
        ("another salt", lambda s: s.edit(entry=s.entry.model_copy(update={"salt": "AAAA"}))),
        ("another reason", lambda s: s.edit(entry=reworded(s))),
        ("another place, not shown", lambda s: (bare(s), s.edit(entry=moved(s)))),
        ("another reason, not shown", lambda s: (bare(s), s.edit(entry=reworded(s)))),
        ("another kind of event", lambda s: s.announce(kind="deprecated")),
        ("of another release", lambda s: s.announce(release="lab/other:1.0")),
        ("another manifest", lambda s: s.announce(details={"manifest": digest(b"x")})),
        ("no manifest", lambda s: s.announce(details={})),
        ("by somebody else", lambda s: s.announce(actor="sam")),
    ],
    "grant": [
        ("expired", lambda s: s.edit(now=NOW + 14 * DAY)),
        ("expired by a second", lambda s: s.edit(now=s.not_after + timedelta(seconds=1))),
        ("expired, says the exchange", lambda s: restated(s, GrantState.expired)),
        ("not yet valid", lambda s: s.edit(now=NOW - 2 * DAY)),
        ("revoked", lambda s: restated(s, GrantState.revoked)),
        ("longer than signed", lambda s: regranted(s, not_after=NOW + 400 * DAY)),
        ("earlier than signed", lambda s: regranted(s, not_before=NOW - 9 * DAY)),
        ("another right than signed", lambda s: regranted(s, right=Right.fine_tune)),
        ("another request than signed", lambda s: regranted(s, request="request-2")),
        ("predictions only", lambda s: (s.edit(right=Right.infer), s.approve())),
        ("the weights, to an evaluator", lambda s: (s.edit(hosted=True), s.approve(), at_host(s))),
        ("on another device", lambda s: s.edit(device=s.stranger.device.id)),
        ("for another device", lambda s: regranted(s, device=s.stranger.device.id)),
        ("for another person", lambda s: regranted(s, person="sam")),
        ("for another release", lambda s: regranted(s, release="lab/other:1.0")),
        ("for another manifest", lambda s: regranted(s, manifest=digest(b"x"))),
        ("signed by a stranger", lambda s: signed_by(s, s.stranger)),
        ("signed by the grantee", lambda s: signed_by(s, s.recipient)),
        (
            "signed by the grantee, a reviewer",
            lambda s: (signed_by(s, s.recipient), s.signers.append(s.recipient.person)),
        ),
        ("by a reviewer no longer", lambda s: s.edit(signers=[])),
        ("signature changed", lambda s: regranted(s, statement=spoilt(s.grant.statement))),
        ("no signature", lambda s: regranted(s, statement="")),
        ("another act", lambda s: regranted(s, statement=s.statement)),
        ("another envelope named", lambda s: regranted(s, envelope="envelope-2")),
        ("another envelope's digest", lambda s: regranted(s, envelope_digest=digest(b"x"))),
        ("envelope of another release", lambda s: reenveloped(s, release="lab/other:1.0")),
        ("envelope of another manifest", lambda s: reenveloped(s, manifest=digest(b"x"))),
        ("envelope of another grant", lambda s: reenveloped(s, grant="grant-2")),
        ("envelope without a grant", lambda s: reenveloped(s, grant=None)),
        ("envelope of another device", lambda s: reenveloped(s, device=s.stranger.device.id)),
        ("envelope of another person", lambda s: reenveloped(s, person="sam")),
        ("envelope under another name", lambda s: reenveloped(s, id="envelope-2")),
        ("envelope changed", lambda s: reenveloped(s, sealed=resealed(s))),
        ("envelope that is no base64", lambda s: reenveloped(s, sealed="*")),
        ("no grant", lambda s: s.edit(grant=None)),
        ("another copy than signed", lambda s: regranted(s, copy_manifest=digest(b"x"))),
        (
            "a copy for whoever does not get the weights",
            lambda s: (s.edit(right=Right.fine_tune, marked=True), s.approve()),
        ),
    ],
    "envelope": [
        ("of another release", lambda s: s.edit(opened=other(s).opened)),
        ("of another grant", lambda s: s.edit(opened=composed(s, grant="grant-2"))),
        ("of no grant", lambda s: s.edit(opened=composed(s, grant=None))),
        ("of another device", lambda s: s.edit(opened=composed(s, device="x" * 64))),
        ("of another manifest", lambda s: s.edit(opened=composed(s, manifest=digest(b"x")))),
        ("of another name", lambda s: s.edit(opened=composed(s, release_ref="lab/model:1.1"))),
        ("without keys", lambda s: s.edit(opened=b"\n".join(s.opened.split(b"\n")[:4]))),
        ("empty", lambda s: s.edit(opened=b"")),
        ("something else", lambda s: s.edit(opened=b"\xff" * 100)),
    ],
    "evidence": [
        ("sealed bytes changed", lambda s: s.edit(sealed_evidence=flipped(s.sealed_evidence))),
        ("changed", lambda s: s.edit(evidence=flipped(s.evidence[:800]) + s.evidence[800:])),
        ("a line left out, line 1", lambda s: s.edit(evidence=s.evidence.split(b"\n", 1)[1])),
        ("of another release", lambda s: s.edit(evidence=other(s).evidence)),
        ("sealed for another release", lambda s: s.edit(sealed_evidence=other(s).sealed_evidence)),
        ("a line by a stranger", lambda s: remeasured(s, s.stranger, root(s))),
        ("a line about another model", lambda s: remeasured(s, s.owner, "ab" * 32)),
        ("not text", lambda s: s.edit(evidence=b"\xff\n\n")),
        ("another commitment, signed", lambda s: relisted_and_granted(s, commitment="ab" * 32)),
    ],
    "model signature": [
        ("another number of files", lambda s: fewer_layers(s)),
        ("of another key", lambda s: resigned(s, s.stranger)),
    ],
    "model files": [
        ("a file changed", lambda s: s.edit(found=[changed(s.found[0]), *s.found[1:]])),
        ("a file missing", lambda s: s.edit(found=s.found[1:])),
        ("a file added", lambda s: s.found.append(signing.Resource("new", "ab" * 32))),
        ("a file twice", lambda s: s.found.append(s.found[0])),
        ("two files swapped", lambda s: s.edit(found=swapped(s.found))),
        ("no file", lambda s: s.edit(found=[])),
    ],
}


def bare(sim: Simulator) -> None:
    """Leave the entry out of the receipt, as an exchange does that sends it beside."""
    shown = proof.parse(sim.receipt)
    sim.receipt = proof.write(shown.index, shown.hashes, shown.checkpoint)


def moved(sim: Simulator) -> object:
    return sim.entry.model_copy(update={"index": 0})


def reworded(sim: Simulator) -> object:
    event = sim.entry.event.model_copy(update={"reason": "because"})
    return sim.entry.model_copy(update={"event": event})


def restated(sim: Simulator, state: GrantState) -> None:
    regranted(sim, state=state)


def regranted(sim: Simulator, **changes: object) -> None:
    """Edit the grant's record after it was signed."""
    assert sim.grant is not None
    sim.grant = sim.grant.evolve(**changes)


def at_host(sim: Simulator) -> None:
    sim.device = sim.envelope.device


def reenveloped(sim: Simulator, **changes: object) -> None:
    """Edit the envelope's record."""
    sim.envelope = sim.envelope.evolve(**changes)


def resealed(sim: Simulator) -> str:
    return b64encode(flipped(b64decode(sim.envelope.sealed)))


def composed(sim: Simulator, **changes: str | None) -> bytes:
    """Compose what an envelope would say with something else in one line."""
    parts: dict[str, str | None] = {
        "release_ref": sim.published_ref,
        "manifest": sim.manifest_digest,
        "grant": "grant-1",
        "device": sim.device,
    }
    return envelope.compose(sim.keys, **(parts | changes))  # type: ignore[arg-type] - by name


def root(sim: Simulator) -> str:
    return signing.root_digest(sim.published)


def relisted_and_granted(sim: Simulator, **changes: object) -> None:
    relisted(sim, **changes)
    sim.approve()


def rebuilt(sim: Simulator, files: slice = slice(None)) -> None:
    """Publish again with the evidence there is and some of the files."""
    manifest = layout.Manifest.from_bytes(sim.manifest)
    sealed = layout.Descriptor.of(layout.EVIDENCE, sim.sealed_evidence)
    sim.manifest = layout.Manifest(manifest.config, sealed, manifest.files[files]).to_bytes()
    sim.manifest_digest = digest(sim.manifest)
    sim.statement = sim.owner.sign(
        trust.release_statement(sim.published_ref, sim.manifest_digest, digest(sim.listing))
    )
    sim.announce()
    sim.approve()


def fewer_layers(sim: Simulator) -> None:
    rebuilt(sim, slice(1, None))


def resigned(sim: Simulator, signer: Actor) -> None:
    """Let somebody else sign the list of files, in evidence that is the owner's otherwise."""
    lines = sim.evidence.decode().splitlines()
    lines[1] = signer.sign(signing.statement("model", sim.published))
    sim.evidence = evidence.compose(lines)
    sim.sealed_evidence = sim.seal(sim.evidence, sim.keys.evidence)
    rebuilt(sim)


def changed(resource: signing.Resource) -> signing.Resource:
    return signing.Resource(resource.name, "ab" * 32)


def swapped(found: list[signing.Resource]) -> list[signing.Resource]:
    one, two, *rest = found
    return [signing.Resource(one.name, two.digest), signing.Resource(two.name, one.digest), *rest]
