"""The nouns: one byte form each, strict when read, and a listing that tells no more than it may."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench import records, vocabulary
from workbench.encoding import canonical, digest
from workbench.errors import InputError
from workbench.forms import Model
from workbench.records import (
    Device,
    Envelope,
    Event,
    Facts,
    Listing,
    Parent,
    Person,
    Release,
    Terms,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LISTING = Listing(
    name="lab/model",
    version="1.0",
    title="A model",
    license="Apache-2.0",
    terms=digest(b"terms"),
    sensitivity=vocabulary.Sensitivity.internal,
    regions=("eu",),
    rights=(vocabulary.Right.infer,),
    owner="olga",
    exchange_is_custodian=False,
    facts=Facts(),
    commitment="ab" * 32,
)
PARENT = Parent(ref="lab/other:1.0", manifest=digest(b"manifest"))
EVENT = Event(kind="published", at=NOW, actor="olga", device="ab" * 32, details={"n": 1})
MAY_BE_LISTED = {
    "schema_version",
    "name",
    "version",
    "title",
    "summary",
    "task",
    "license",
    "terms",
    "sensitivity",
    "regions",
    "rights",
    "attribution",
    "owner",
    "exchange_is_custodian",
    "facts",
    "commitment",
    "parents",
}
FACTS = {
    "scan": {"unknown", "passed", "failed"},
    "leakage": {"unknown", "low", "medium", "high"},
    "retained_rows": {"unknown", "passed", "failed"},
    "isolation": {"none", "sandbox"},
    "labels": {"unknown", "partial", "complete"},
    "safe_form": {"unknown", "passed", "failed"},
    "hidden": {"unknown", "passed", "failed"},
}


def listing(**changes: Any) -> bytes:
    return canonical({**json.loads(LISTING.to_bytes()), **changes})


def test_what_may_be_in_a_listing() -> None:
    """Exactly this: no file names, sizes, paths, hosts, rows, or people beyond the owner.

    A new field here is shown to everybody; add it only with that in mind.
    """
    assert set(Listing.model_fields) == MAY_BE_LISTED
    derived = LISTING.model_copy(update={"parents": (PARENT,)})
    assert set(json.loads(derived.to_bytes())) == MAY_BE_LISTED


def test_what_was_signed_before_has_the_same_bytes() -> None:
    """Fields that came later are left out while they say nothing new, and read back either way."""
    plain = json.loads(LISTING.to_bytes())
    assert "parents" not in plain
    assert "labels" not in plain["facts"]
    said = LISTING.model_copy(
        update={"parents": (PARENT,), "facts": Facts(labels=vocabulary.Labelling.complete)}
    )
    for listing_ in (LISTING, said):
        assert Listing.from_bytes(listing_.to_bytes()) == listing_
    with pytest.raises(InputError, match="in its one spelling"):
        Listing.from_bytes(listing(parents=[]))


def test_facts_are_words_not_numbers() -> None:
    """What was measured shows as one of a few words: a number would itself leak."""
    assert set(Facts.model_fields) == set(FACTS)
    for name, words in FACTS.items():
        for word in words:
            Facts.model_validate({name: word})
        for other in ("0.93", 0.93, 1, True, None, "other"):
            with pytest.raises(ValidationError):
                Facts.model_validate({name: other})


@pytest.mark.parametrize("field", ["files", "size", "path", "host", "rows", "columns", "root"])
def test_nothing_more_gets_into_a_listing(field: str) -> None:
    """An unknown field is refused, in the listing and in its facts."""
    with pytest.raises(InputError, match=field):
        Listing.from_bytes(listing(**{field: "x"}))
    with pytest.raises(InputError, match=field):
        Listing.from_bytes(listing(facts={**LISTING.facts.model_dump(), field: "x"}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema_version", 2),
        ("name", "model"),
        ("name", "Lab/model"),
        ("name", "lab/model/x"),
        ("name", "lab/model\n"),
        ("name", "../model"),
        ("name", "lab/" + "x" * 64),
        ("version", ""),
        ("version", "1 0"),
        ("version", "1/0"),
        ("version", "1.0\n"),
        ("version", "x" * 64),
        ("title", ""),
        ("title", "x" * 201),
        ("title", "bell\x07"),
        ("title", "escape\x1b[2J"),
        ("title", "one-byte escape\x9b2J"),
        ("title", "turned\u202eround"),
        ("title", "line\u2028separator"),
        ("summary", "x" * 20_001),
        ("summary", "zero\x00"),
        ("task", "x" * 101),
        ("attribution", "x" * 501),
        ("terms", "sha256:00"),
        ("terms", "SHA256:" + "a" * 64),
        ("sensitivity", "secret"),
        ("regions", ["EU"]),
        ("regions", "eu"),
        ("rights", []),
        ("rights", ["redistribute"]),
        ("owner", "Olga"),
        ("owner", "olga@example.org"),
        ("owner", ""),
        ("exchange_is_custodian", "false"),
        ("exchange_is_custodian", 0),
        ("commitment", "AB" * 32),
        ("commitment", "ab"),
        ("facts", None),
    ],
)
def test_values_out_of_range(field: str, value: object) -> None:
    """Each is refused by name; the value itself, which may be hostile, is not repeated."""
    with pytest.raises(InputError) as caught:
        Listing.from_bytes(listing(**{field: value}))
    said = str(caught.value)
    assert field in said or "one spelling" in said
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("field", sorted(MAY_BE_LISTED - Listing.LATER))
def test_no_field_may_be_missing(field: str) -> None:
    """What is stored says everything, also where there is a default."""
    value = json.loads(LISTING.to_bytes())
    del value[field]
    with pytest.raises(InputError):
        Listing.from_bytes(canonical(value))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        LISTING.to_bytes()[:-1],
        LISTING.to_bytes() + b"\n",
        json.dumps(json.loads(LISTING.to_bytes())).encode(),
        listing(title=1),
    ],
)
def test_other_bytes(data: bytes) -> None:
    """Only what was printed is read."""
    with pytest.raises(InputError):
        Listing.from_bytes(data)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([LISTING, EVENT]), st.data())
def test_whatever_parses_prints_back_the_same(record: Model, data: st.DataObject) -> None:
    """After a small change the bytes are refused, or are another record's one spelling."""
    good = record.to_bytes()
    place = data.draw(st.integers(0, len(good) - 1))
    noise = data.draw(st.sampled_from([b"", b" ", b"0", b"a", b'"', b"Z", b"\\"]))
    changed = good[:place] + noise + good[place + data.draw(st.integers(0, 1)) :]
    try:
        found = type(record).from_bytes(changed)
    except InputError:
        return
    assert found.to_bytes() == changed


def test_times_are_utc_to_the_second() -> None:
    """Other zones and fractions become the one form when made, and are refused when read."""
    east = datetime(2026, 3, 1, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert EVENT.model_copy().to_bytes() == Event(**{**dict(EVENT), "at": east}).to_bytes()
    assert b'"at":"2026-03-01T12:00:00Z"' in EVENT.to_bytes()
    for other in ("2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00.5Z", "2026-03-01", 1772366400):
        with pytest.raises(InputError):
            Event.from_bytes(canonical({**json.loads(EVENT.to_bytes()), "at": other}))
    with pytest.raises(ValidationError, match="zone"):
        Event(**{**dict(EVENT), "at": datetime(2026, 3, 1)})


def test_records_do_not_change() -> None:
    """A change is a new record, and is validated as the first was."""
    terms = Terms(title="Terms", text="text")
    with pytest.raises(ValidationError, match="frozen"):
        terms.title = "Other"  # type: ignore[misc] - the mistake that is tested
    changed = terms.evolve(title="Other")
    assert (terms.title, changed.title) == ("Terms", "Other")
    assert terms.key != changed.key == digest(changed.to_bytes())
    for wrong in ({"title": ""}, {"more": "x"}):
        with pytest.raises(ValidationError):
            terms.evolve(**wrong)


def test_where_records_are_filed() -> None:
    """Every kind has its own word, and the key and columns by which it is found."""
    assert set(records.KINDS) == {
        "person",
        "terms",
        "release",
        "request",
        "vote",
        "grant",
        "envelope",
        "catalogue",
    }
    envelope = Envelope(
        id="ev-1",
        release="lab/model:1.0",
        manifest=digest(b""),
        person="olga",
        device="d",
        grant=None,
        sealed="",
    )
    assert envelope.key == "ev-1"
    assert envelope.columns == {"person": "olga", "release": "lab/model:1.0", "state": None}
    assert Release.model_fields.keys() >= {"listing", "manifest", "statement", "state"}
    assert LISTING.ref == "lab/model:1.0"


def test_a_persons_devices() -> None:
    """Found by their id; nothing for another."""
    device = Device(id="ab" * 32, label="laptop", signing_key="PEM", recipient="age1", region="eu")
    person = Person(id="olga", name="Olga", roles=(), devices=(device,))
    assert person.device("ab" * 32) == device
    assert person.device("cd" * 32) is None


def test_sensitivity_has_an_order() -> None:
    """From open to restricted."""
    levels = [level for level in vocabulary.Sensitivity if level.rank >= 0]
    assert [level.value for level in levels] == ["open", "internal", "confidential", "restricted"]
    assert [level.rank for level in levels] == [0, 1, 2, 3]


def test_every_field_of_every_noun_is_closed() -> None:
    """No record takes a field it does not know, or a number that JSON lacks."""
    for name in records.__all__:
        noun = getattr(records, name)
        if isinstance(noun, type):
            assert noun.model_config["extra"] == "forbid"
            assert noun.model_config["frozen"]
            assert noun.model_config["allow_inf_nan"] is False
