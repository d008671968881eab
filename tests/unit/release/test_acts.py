"""What people sign when they act, and that a record is the one its person signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from workbench.crypto import dsse
from workbench.crypto.keys import SigningKey
from workbench.encoding import canonical, digest
from workbench.errors import InputError, TrustError
from workbench.records import Grant, Purpose, Request, Vote
from workbench.release import acts
from workbench.vocabulary import GrantState, PurposeKind, RequestState, Right, VoteKind

KEY, OTHER = SigningKey.generate(), SigningKey.generate()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = {"release": "lab/model:1.0", "rationale": "grüße"}
REQUEST = Request(
    id="rq-1",
    release="lab/model:1.0",
    manifest=digest(b"manifest"),
    person="rita",
    device="ab" * 32,
    right=Right.retrieve,
    purpose=Purpose(category=PurposeKind.research, text="why"),
    days=14,
    terms=digest(b"terms"),
    state=RequestState.submitted,
    created=NOW,
    updated=NOW,
    statement="",
)
VOTE = Vote(
    request="rq-1",
    turn=1,
    reviewer="remy",
    vote=VoteKind.approve,
    rationale="fine",
    days=7,
    right=Right.infer,
    at=NOW,
    statement="",
)
GRANT = Grant(
    id="gr-1",
    request="rq-1",
    release="lab/model:1.0",
    manifest=digest(b"manifest"),
    person="rita",
    device="ab" * 32,
    right=Right.retrieve,
    not_before=NOW,
    not_after=NOW.replace(day=15),
    state=GrantState.active,
    envelope="ev-1",
    envelope_digest=digest(b"sealed"),
    statement="",
)
# The exchange moves these after the person signed; each other field is the person's word.
LATER = {
    "request": {"state", "turn", "updated", "statement"},
    "vote": {"statement"},
    "grant": {"state", "statement"},
}
OTHER_VALUES: dict[str, Any] = {
    "manifest": digest(b"x"),
    "terms": digest(b"x"),
    "envelope_digest": digest(b"x"),
    "copy_manifest": digest(b"x"),
    "mark": True,
    "right": Right.fine_tune,
    "purpose": Purpose(category=PurposeKind.teaching, text="why"),
    "days": 3,
    "turn": 2,
    "created": NOW.replace(hour=13),
    "updated": NOW.replace(hour=13),
    "at": NOW.replace(hour=13),
    "not_before": NOW.replace(hour=13),
    "not_after": NOW.replace(day=16),
    "vote": VoteKind.reject,
    "person": "sam",
    "reviewer": "sam",
}
RECORDS = {record.kind: record for record in (REQUEST, VOTE, GRANT)}
FIELDS = [(kind, name) for kind, record in RECORDS.items() for name in type(record).model_fields]


def sign(payload: bytes, key: SigningKey = KEY) -> str:
    return dsse.bundle(payload, key.sign, key.public.pem)


def signed(kind: str) -> Any:
    record = RECORDS[kind]
    return record.evolve(statement=sign(acts.act(kind, [], acts.signed_body(record))))


def refused(bundle: str, kind: str = "retire") -> str:
    with pytest.raises(TrustError) as caught:
        acts.verify_act(bundle, KEY.public, kind, step="some step")
    assert caught.value.step == "some step"
    return caught.value.message


def test_an_act_and_back() -> None:
    """The body comes back; further subjects may stand behind the first."""
    for subjects in ([], [("release", "ab" * 32)]):
        bundle = sign(acts.act("retire", subjects, BODY))
        assert acts.verify_act(bundle, KEY.public, "retire") == BODY


def test_an_act_is_one_kind_by_one_person() -> None:
    """Signed by somebody else, or for doing something else."""
    assert "another key" in refused(sign(acts.act("retire", [], BODY), OTHER))
    assert "not to retire something" in refused(sign(acts.act("revoke", [], BODY)))


@pytest.mark.parametrize(
    ("subjects", "predicate"),
    [
        ([("retire", "ab" * 32)], {"kind": "retire", "body": BODY}),
        ([("revoke", digest(canonical(BODY))[7:])], {"kind": "retire", "body": BODY}),
        ([("retire", digest(canonical(BODY))[7:])], {"kind": "retire"}),
        ([("retire", digest(canonical(BODY))[7:])], {"kind": "retire", "body": BODY, "more": 1}),
        ([("retire", digest(canonical([]))[7:])], {"kind": "retire", "body": []}),
        ([("retire", digest(canonical(BODY))[7:])], {"kind": 1, "body": BODY}),
    ],
)
def test_other_statements(subjects: list[tuple[str, str]], predicate: dict[str, Any]) -> None:
    """About something else than it says, or not in the form of an act."""
    assert refused(sign(dsse.statement(subjects, acts.PREDICATE_TYPE, predicate)))


def test_another_kind_of_statement_is_no_act() -> None:
    """What was signed as something else is never taken for an act."""
    assert "another kind" in refused(sign(dsse.statement([("x", "ab" * 32)], "urn:example:x", {})))


@pytest.mark.parametrize("kind", ["", "Retire", "two words", "1st", "x" * 64, "retire\n"])
def test_an_act_is_named_by_a_word(kind: str) -> None:
    """A plain one."""
    with pytest.raises(InputError, match="plain word"):
        acts.act(kind, [], BODY)


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_is_as_it_was_signed(kind: str) -> None:
    """By this person, and by nobody else."""
    record = signed(kind)
    acts.verify_record(record, KEY.public)
    with pytest.raises(TrustError, match="another key"):
        acts.verify_record(record, OTHER.public)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_each_field_is_signed_or_changes_later(kind: str, field: str) -> None:
    """A field is either covered by the signature, and named when it differs, or on a short list."""
    record = signed(kind)
    if field == "statement":
        assert field in LATER[kind]
        return
    value = OTHER_VALUES.get(field, "other")
    if field == "state":
        value = {"request": RequestState.approved, "grant": GrantState.revoked}[kind]
    changed = record.evolve(**{field: value})
    assert changed != record
    if field in LATER[kind]:
        acts.verify_record(changed, KEY.public)
        return
    with pytest.raises(TrustError, match=field.replace("_", " ")) as caught:
        acts.verify_record(changed, KEY.public, step="some step")
    assert caught.value.step == "some step"


def test_what_was_signed_before_is_signed_still() -> None:
    """A vote and a grant without a marked copy say nothing of it, as when there was none."""
    assert "mark" not in acts.signed_body(VOTE)
    assert "copy_manifest" not in acts.signed_body(GRANT)
    assert b"mark" not in VOTE.to_bytes()
    assert b"copy" not in GRANT.to_bytes()
    copied = GRANT.evolve(copy_manifest=digest(b"copy"))
    assert acts.signed_body(copied)["copy_manifest"] == digest(b"copy")
    for record in (VOTE, VOTE.evolve(mark=True), GRANT, copied):
        assert type(record).from_bytes(record.to_bytes()) == record


def test_one_kind_of_record_is_not_another() -> None:
    """A signature over a vote does not make a grant."""
    with pytest.raises(TrustError, match="not to grant something"):
        acts.verify_record(GRANT.evolve(statement=signed("vote").statement), KEY.public)
