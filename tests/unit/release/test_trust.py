"""Each doubt about a received release is refused at its own step; what is in order passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator import Simulator
from tests.unit.release.attacks import ATTACKS, Attack, bare, composed
from tests.unit.release.copy_attacks import COPY_ATTACKS
from workbench.errors import InputError, TrustError
from workbench.release import trust
from workbench.vocabulary import Right

SECOND = timedelta(seconds=1)
EVERY = {**ATTACKS, "copy": COPY_ATTACKS}
CASES = [
    pytest.param(step, attack, marked, id=f"{step}: {what}{', marked' if marked else ''}")
    for step, attacks in EVERY.items()
    for what, attack in attacks
    for marked in (False, True)
    if marked or step != "copy"
]
UNMARKED = tuple(step for step in trust.STEPS if step != "copy")
PIECES = {
    "manifest": "manifest",
    "listing": "listing",
    "statement": "release statement",
    "receipt": "receipt",
    "opened": "envelope",
    "sealed_evidence": "evidence",
}
HONEST = Simulator()


def refused(sim: Simulator) -> TrustError:
    with pytest.raises(TrustError) as caught:
        sim.verify()
    return caught.value


def test_every_step_is_attacked() -> None:
    """The table has attacks for each step, and there are words to explain each."""
    assert set(EVERY) == set(trust.STEPS)
    assert tuple(trust.MEANING) == trust.STEPS


def test_an_honest_release_passes() -> None:
    """Nothing is refused that should not be; the steps are told in order."""
    release = Simulator().verify()
    assert tuple(release.passed) == UNMARKED
    assert release.ref == "lab/model:1.0"


def test_an_honest_marked_copy_passes() -> None:
    """Its files are not the owner's; without the step for that they could not be believed."""
    sim = Simulator(marked=True)
    assert sim.found != sim.published
    release = sim.verify()
    assert tuple(release.passed) == trust.STEPS
    assert refused(sim.edit(found=sim.published)).step == "model files"


def test_a_copy_is_asked_for_where_the_grant_names_one() -> None:
    """And nowhere else: leaving it out, or putting one in, is a mistake in the program."""
    for marked in (True, False):
        sim = Simulator(marked=marked)
        release = trust.TrustedRelease(sim.ref, sim.trusted_owner, sim.now)
        for name in list(CALLS)[:-1]:
            CALLS[name](release, sim)
        with pytest.raises(RuntimeError, match="out of turn"):
            if marked:
                release.files(sim.found)
            else:
                release.copy(b"", b"", b"")


@pytest.mark.parametrize(("step", "attack", "marked"), CASES)
def test_an_attack_is_refused_at_its_step(step: str, attack: Attack, marked: bool) -> None:
    """With the step's name, what was not changed, and what to do."""
    sim = Simulator(marked=marked)
    attack(sim)
    error = refused(sim)
    assert error.step == step
    assert error.unchanged == "Nothing was opened."
    assert error.hint


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(PIECES)), st.data())
def test_any_flipped_bit_is_refused(piece: str, data: st.DataObject) -> None:
    """In every document that is received, wherever the bit lies."""
    good = getattr(HONEST, piece)
    changed = bytearray(good.encode() if isinstance(good, str) else good)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    value = changed.decode("utf-8", "replace") if isinstance(good, str) else bytes(changed)
    HONEST.edit(**{piece: value})
    try:
        assert refused(HONEST).step == PIECES[piece]
    finally:
        HONEST.edit(**{piece: good})


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_flipped_bit_of_the_evidence_is_refused(data: st.DataObject) -> None:
    """The line it lies in says whether the model's signature or a measurement is in doubt."""
    good, place = HONEST.evidence, data.draw(st.integers(0, len(HONEST.evidence) - 1))
    changed = bytearray(good)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    HONEST.edit(evidence=bytes(changed))
    try:
        assert refused(HONEST).step in {"evidence", "model signature"}
    finally:
        HONEST.edit(evidence=good)


CALLS: dict[str, Callable[[trust.TrustedRelease, Simulator], object]] = {
    "manifest": lambda r, s: r.manifest(s.manifest, s.manifest_digest),
    "release statement": lambda r, s: r.statement(s.statement),
    "listing": lambda r, s: r.listing(s.listing),
    "receipt": lambda r, s: r.receipt(s.receipt, s.entry, s.log.verifier),
    "grant": lambda r, s: r.grant(s.grant, s.envelope, s.device, s.signers),
    "envelope": lambda r, s: r.envelope(s.opened),
    "evidence": lambda r, s: r.evidence(s.evidence, s.sealed_evidence),
    "model files": lambda r, s: r.files(s.found),
}


@pytest.mark.parametrize("done", range(len(CALLS) + 1))
@pytest.mark.parametrize("step", CALLS)
def test_steps_out_of_turn(step: str, done: int) -> None:
    """Skipping, repeating or going back is a mistake in the program, never a result."""
    release = trust.TrustedRelease(HONEST.ref, HONEST.trusted_owner, HONEST.now)
    order = list(CALLS)
    for name in order[:done]:
        CALLS[name](release, HONEST)
    if order[done : done + 1] == [step]:
        CALLS[step](release, HONEST)
        assert step in release.passed
        return
    before = list(release.passed)
    with pytest.raises(RuntimeError, match="out of turn"):
        CALLS[step](release, HONEST)
    assert release.passed == before


def test_nothing_goes_on_after_a_failure() -> None:
    """Once in doubt, every further step is refused, the same one included."""
    release = trust.TrustedRelease(HONEST.ref, HONEST.trusted_owner, HONEST.now)
    with pytest.raises(TrustError):
        release.manifest(b"{}", HONEST.manifest_digest)
    for call in CALLS.values():
        with pytest.raises(RuntimeError, match="out of turn"):
            call(release, HONEST)
    assert release.passed == []


@pytest.mark.parametrize("verifier", ["", "hello", "name+00000000+AAAA"])
def test_a_log_key_that_is_none_is_the_callers_mistake(verifier: str) -> None:
    """No release can be blamed for it."""
    release = trust.TrustedRelease(HONEST.ref, HONEST.trusted_owner, HONEST.now)
    for name in ("manifest", "release statement", "listing"):
        CALLS[name](release, HONEST)
    with pytest.raises(InputError):
        release.receipt(HONEST.receipt, HONEST.entry, verifier)


def test_a_file_that_never_was_on_an_exchange() -> None:
    """Without a log there is no receipt to give; by the caller's decision alone."""
    sim = Simulator().edit(logged=False)
    assert tuple(sim.verify().passed) == tuple(one for one in UNMARKED if one != "receipt")
    release = trust.TrustedRelease(sim.ref, sim.trusted_owner, sim.now, logged=False)
    for name in ("manifest", "release statement", "listing"):
        CALLS[name](release, sim)
    with pytest.raises(RuntimeError, match="out of turn"):
        CALLS["receipt"](release, sim)


def test_a_receipt_need_not_show_its_entry() -> None:
    """The entry may come beside it, and is bound to it by its salt all the same."""
    sim = Simulator()
    bare(sim)
    assert tuple(sim.verify().passed) == UNMARKED


def test_whatever_the_owner_signed() -> None:
    """A file from somebody says itself which release it is, and a key may stand for the owner."""
    sim = Simulator()
    sim.edit(ref=None, trusted_owner=sim.owner.key)
    assert sim.verify().ref == "lab/model:1.0"


@pytest.mark.parametrize("actor", ["owner", "reviewer"])
def test_owners_and_custodians_need_no_grant(actor: str) -> None:
    """Their envelope names none; the grantee's, copied into its place, is refused."""
    sim = Simulator()
    copied = composed(sim, device=getattr(sim, actor).device.id)
    sim.give(getattr(sim, actor))
    assert tuple(sim.verify().passed) == UNMARKED
    sim.opened = copied
    assert refused(sim).step == "envelope"


@pytest.mark.parametrize("right", [Right.infer, Right.fine_tune])
def test_an_evaluator_opens_what_it_runs(right: Right) -> None:
    """For somebody else's device, with a right that is for running."""
    sim = Simulator().edit(hosted=True, right=right)
    sim.approve()
    sim.device = sim.envelope.device
    assert tuple(sim.verify().passed) == UNMARKED
    sim.hosted = False
    assert refused(sim).step == "grant"


def test_a_grant_holds_to_the_second() -> None:
    """From its first to its last second, and not one more on either side."""
    sim = Simulator()
    for now in (sim.not_before, sim.not_after):
        assert sim.edit(now=now).verify().passed
    for now in (sim.not_before - SECOND, sim.not_after + SECOND):
        assert refused(sim.edit(now=now)).step == "grant"


def test_a_grant_says_why_it_is_refused() -> None:
    """In words for a person: when it ended or begins."""
    sim = Simulator()
    assert (
        "it ended on 2026-03-14 12:00 UTC" in refused(sim.edit(now=sim.not_after + SECOND)).message
    )
    assert "it begins only on" in refused(sim.edit(now=sim.not_before - SECOND)).message
