"""Signed statements: what is signed, who signed it, and no other spelling of either."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.crypto import dsse
from workbench.crypto.keys import SigningKey
from workbench.encoding import canonical
from workbench.errors import InputError, TrustError

KEY = SigningKey.generate()
OTHER = SigningKey.generate()
KIND = "urn:example:note"
PAYLOAD = dsse.statement([("model", "ab" * 32)], KIND, {"text": "grüße", "number": 1})
GOOD = dsse.bundle(PAYLOAD, KEY.sign, KEY.public.pem)


def refused(bundle: str, **how: Any) -> str:
    with pytest.raises(TrustError) as caught:
        dsse.verify(bundle, KEY.public, step="some step", **how)
    assert caught.value.step == "some step"
    return caught.value.message


def signed(payload: bytes) -> str:
    return dsse.bundle(payload, KEY.sign, KEY.public.pem)


def test_pae_is_that_of_the_specification() -> None:
    """The example that the DSSE protocol gives."""
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected
    assert dsse.pae("ä", b"") == b"DSSEv1 2 \xc3\xa4 0 "


def test_what_a_statement_looks_like() -> None:
    """An in-toto Statement v1, as other tools expect it."""
    assert json.loads(PAYLOAD) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model", "digest": {"sha256": "ab" * 32}}],
        "predicateType": KIND,
        "predicate": {"text": "grüße", "number": 1},
    }


def test_what_a_bundle_looks_like() -> None:
    """A Sigstore bundle v0.3 with a bare key, whose signature covers the encoding of DSSE."""
    value = json.loads(GOOD)
    assert value["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert value["verificationMaterial"]["publicKey"] == {"hint": KEY.public.fingerprint}
    envelope = value["dsseEnvelope"]
    assert base64.b64decode(envelope["payload"]) == PAYLOAD
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    KEY.public.verify(dsse.pae("application/vnd.in-toto+json", PAYLOAD), signature)


def test_it_is_verified() -> None:
    """The statement comes back with its bytes and the key that signed it."""
    verified = dsse.verify(GOOD, KEY.public, predicate_type=KIND, step="some step")
    assert verified.payload == PAYLOAD
    assert verified.statement == json.loads(PAYLOAD)
    assert verified.fingerprint == dsse.hint(GOOD) == KEY.public.fingerprint
    assert dsse.peek(GOOD) == verified.statement


def test_who_and_what_else() -> None:
    """Another key, and a statement of another kind than was asked for."""
    assert "another key" in refused(dsse.bundle(PAYLOAD, OTHER.sign, OTHER.public.pem))
    claimed = dsse.bundle(PAYLOAD, OTHER.sign, KEY.public.pem)
    assert "does not match" in refused(claimed)
    assert "another kind" in refused(GOOD, predicate_type="urn:example:other")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(32, 126))
def test_any_changed_character_is_refused(place: int, code: int) -> None:
    """Wherever it lies in the bundle."""
    if GOOD[place] != chr(code):
        refused(GOOD[:place] + chr(code) + GOOD[place + 1 :])


@given(st.integers(0, len(GOOD)), st.sampled_from([" ", "\n", "\x00", "{", '"', "0", "ü"]))
def test_any_added_character_is_refused(place: int, character: str) -> None:
    """Also white space, which JSON would allow: what we write has one spelling."""
    refused(GOOD[:place] + character + GOOD[place:])


def test_any_truncation_is_refused() -> None:
    """Cut off anywhere."""
    for place in range(0, len(GOOD), 7):
        refused(GOOD[:place])


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    value = copy.deepcopy(json.loads(GOOD))
    change(value)
    return canonical(value).decode()


BUNDLES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another media type": lambda b: b.update(mediaType="application/json"),
    "unknown part": lambda b: b.update(more=1),
    "no envelope": lambda b: b.pop("dsseEnvelope"),
    "another payload type": lambda b: b["dsseEnvelope"].update(payloadType="text/plain"),
    "no signature": lambda b: b["dsseEnvelope"].update(signatures=[]),
    "two signatures": lambda b: b["dsseEnvelope"]["signatures"].append({"sig": ""}),
    "a key's name in the envelope": lambda b: b["dsseEnvelope"]["signatures"][0].update(keyid="x"),
    "unknown part of the signature": lambda b: b["dsseEnvelope"]["signatures"][0].update(x=1),
    "unknown part of the envelope": lambda b: b["dsseEnvelope"].update(x=1),
    "a certificate": lambda b: b["verificationMaterial"].update(certificate={}),
    "a log entry": lambda b: b["verificationMaterial"].update(tlogEntries=[{}]),
    "a hint that is a number": lambda b: b["verificationMaterial"]["publicKey"].update(hint=1),
    "a payload that is a number": lambda b: b["dsseEnvelope"].update(payload=1),
    "signatures that are a number": lambda b: b["dsseEnvelope"].update(signatures=1),
    "an envelope that is a list": lambda b: b.update(dsseEnvelope=[]),
    "material that is null": lambda b: b.update(verificationMaterial=None),
}


@pytest.mark.parametrize("canonical_", [True, False], ids=["ours", "theirs"])
@pytest.mark.parametrize("what", BUNDLES)
def test_other_bundles(what: str, canonical_: bool) -> None:
    """Bundles with something missing, added or of another kind, whoever wrote them."""
    assert "not a signed statement" in refused(changed(BUNDLES[what]), canonical=canonical_)
    with pytest.raises(InputError):
        dsse.hint(changed(BUNDLES[what]))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "1", '"x"', "{", "\ud800", "[" * 100])
def test_what_is_no_bundle(text: str) -> None:
    """Something else entirely."""
    assert "not a signed statement" in refused(text)


STATEMENTS = {
    "not JSON": b"hello",
    "not canonical": PAYLOAD.replace(b":1", b": 1"),
    "a list": b"[]",
    "another version": PAYLOAD.replace(b"Statement/v1", b"Statement/v2"),
    "no subject": canonical({**json.loads(PAYLOAD), "subject": []}),
    "a subject without a name": canonical({**json.loads(PAYLOAD), "subject": [{"digest": {}}]}),
    "a subject without a digest": canonical({**json.loads(PAYLOAD), "subject": [{"name": "x"}]}),
    "a subject that is a text": canonical({**json.loads(PAYLOAD), "subject": ["x"]}),
    "a kind that is a number": canonical({**json.loads(PAYLOAD), "predicateType": 1}),
    "unknown part": canonical({**json.loads(PAYLOAD), "more": 1}),
    "the same name twice": PAYLOAD.replace(b'"number":1', b'"number":1,"number":1'),
}


@pytest.mark.parametrize("what", STATEMENTS)
def test_what_is_no_statement(what: str) -> None:
    """A good signature over something that is no statement is refused all the same."""
    assert "not a statement" in refused(signed(STATEMENTS[what]))


def test_other_tools_spell_freely() -> None:
    """White space and order are theirs to choose where ``canonical=False``; nothing else is."""
    loose = json.dumps(json.loads(GOOD), indent=2)
    assert dsse.verify(loose, KEY.public, step="s", canonical=False).payload == PAYLOAD
    refused(loose)
    spaced = json.dumps(json.loads(PAYLOAD)).encode()
    assert dsse.verify(signed(spaced), KEY.public, step="s", canonical=False).payload == spaced
    refused(signed(spaced))
    refused(loose.replace('"sig"', '"sig": "x", "sig"'), canonical=False)
