"""Keys with names: one spelling, one byte form for keystores, and nothing secret on a screen."""

from __future__ import annotations

import base64
import hashlib
import textwrap
import traceback
from random import Random

import pytest

from workbench.crypto import age
from workbench.crypto.keys import DeviceSecret, LogSecret, SigningKey, VerifyingKey, parse_secret
from workbench.encoding import canonical, parse
from workbench.errors import InputError
from workbench.ledger.checkpoint import parse_verifier

DEVICE = DeviceSecret.generate(random=Random(1).randbytes)
CLASSICAL = DeviceSecret.generate(classical=True, random=Random(1).randbytes)
LOG = LogSecret.generate("log.example/one", Random(1).randbytes)
SECRETS = [DEVICE, CLASSICAL, LOG]


@pytest.mark.parametrize("secret", SECRETS, ids=["hybrid", "classical", "log"])
def test_byte_form_and_back(secret: DeviceSecret | LogSecret) -> None:
    """A keystore gets back what it was given."""
    again = parse_secret(secret.to_bytes())
    assert type(again) is type(secret)
    assert again.to_bytes() == secret.to_bytes()


def test_the_kind_of_sealing_key() -> None:
    """Hybrid unless asked for the older kind."""
    assert DEVICE.device("laptop", "eu").recipient.startswith("age1pq1")
    assert isinstance(CLASSICAL.sealing, age.X25519Identity)


def test_a_device_is_its_public_half() -> None:
    """Its id is the fingerprint of its signing key; nothing secret is in it."""
    device = DEVICE.device("laptop", "eu")
    assert device.id == hashlib.sha256(device.signing_key.encode()).hexdigest()
    assert device.recipient == str(DEVICE.sealing.recipient)
    assert "PRIVATE" not in device.to_bytes().decode().upper()
    assert "AGE-SECRET" not in device.to_bytes().decode()


@pytest.mark.parametrize("secret", SECRETS, ids=["hybrid", "classical", "log"])
def test_secrets_do_not_show(secret: DeviceSecret | LogSecret) -> None:
    """``repr`` names the public half at most."""
    for part in (repr(secret), str(secret), f"{secret}"):
        assert len(part) < 60
        assert "SECRET" not in part
    assert "PRIVATE" not in repr(DEVICE.signing)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"more": "x"},
        {"sealing": "AGE-SECRET-KEY-1QQQ"},
        {"signing": "-----BEGIN PRIVATE KEY-----\nhemlig\n-----END PRIVATE KEY-----\n"},
        {"signing": 1},
        {"sealing": None},
    ],
)
def test_what_is_no_secret(change: dict[str, object]) -> None:
    """Refused in one sentence that quotes nothing of it, not even in a traceback."""
    data = canonical({**parse(DEVICE.to_bytes()), **change})
    with pytest.raises(InputError, match="not a secret that a keystore keeps") as caught:
        parse_secret(data)
    said = "".join(traceback.format_exception(caught.value))
    assert "hemlig" not in said
    assert str(DEVICE.sealing)[20:] not in said


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"type": "log"}'])
def test_other_bytes_are_no_secret(data: bytes) -> None:
    """The same for what is no such document at all."""
    with pytest.raises(InputError, match="not a secret"):
        parse_secret(data)


@pytest.mark.parametrize("place", ["origin", "key"])
def test_a_changed_log_secret_is_refused(place: str) -> None:
    """Its name, its id and its key belong together."""
    fields = parse(LOG.to_bytes())
    changed = {**fields, place: fields[place].replace("one", "two")}
    with pytest.raises(InputError, match="not a secret"):
        parse_secret(canonical(changed))


def test_a_log_secret_names_itself_as_c2sp_does() -> None:
    """``origin+id+key``, with the id made of both; the ledger reads it, and its signatures."""
    origin, identifier, key = LOG.verifier.split("+", 2)
    raw = base64.b64decode(key)
    assert origin == "log.example/one"
    assert raw[0] == 1
    assert identifier == hashlib.sha256(origin.encode() + b"\n" + raw).hexdigest()[:8]
    assert parse_verifier(LOG.verifier)
    assert len(LOG.sign_raw(b"message")) == 64


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nbreak", "bell\x07"])
def test_what_a_log_cannot_be_called(origin: str) -> None:
    """Names that a signed note could not carry."""
    with pytest.raises(InputError, match="origin"):
        LogSecret.generate(origin)


def test_a_log_key_has_one_length() -> None:
    """A seed of another length is refused."""
    with pytest.raises(InputError, match="32 bytes"):
        LogSecret("log.example/one", bytes(31))


def test_public_keys_have_one_spelling() -> None:
    """Another spelling would be another fingerprint for the same key."""
    pem = SigningKey.generate().public.pem
    assert VerifyingKey.from_pem(pem) == VerifyingKey(pem)
    assert len({VerifyingKey(pem), VerifyingKey.from_pem(pem)}) == 1
    for other in (pem[:-1], pem + "\n", " " + pem, pem.replace("\n", "\r\n"), pem * 8):
        with pytest.raises(InputError, match=r"PEM"):
            VerifyingKey.from_pem(other)
    private = SigningKey.generate().pem
    with pytest.raises(InputError, match="PEM"):
        VerifyingKey.from_pem(private)


def test_a_flipped_bit_of_a_public_key_is_refused() -> None:
    """Also where it makes a kind of key or a curve that the library below does not know."""
    pem = SigningKey.generate().public.pem
    begin, *lines, end = pem.splitlines()
    data = base64.b64decode("".join(lines))
    for place in range(8 * len(data)):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        text = base64.encodebytes(bytes(changed)).decode().replace("\n", "")
        other = "\n".join([begin, *textwrap.wrap(text, 64), end, ""])
        with pytest.raises(InputError):
            VerifyingKey.from_pem(other)
