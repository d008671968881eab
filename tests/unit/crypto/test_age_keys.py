"""Who can open a file: identities, recipients, their text, and what malformed stanzas do."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from random import Random

import pytest

from tests.unit.crypto.reference import text as b64
from workbench.crypto import age, age_keys, age_scrypt
from workbench.crypto.age_header import Stanza
from workbench.errors import InputError, TrustError

KEY = b"k" * 16
X25519 = age.X25519Identity(b"\x01" * 32)
HYBRID = age.HybridIdentity(b"\x02" * 32)
SECRETS = [X25519, HYBRID, age.ScryptIdentity("open sesame", work_factor=2)]
LOW_ORDER = [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"]


def name(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("identity", SECRETS, ids=name)
def test_a_wrapped_key_comes_back(identity: age.Identity) -> None:
    """From its own stanza, found among others; nothing from stanzas for somebody else."""
    mine = identity.recipient.wrap(KEY, os.urandom)
    other = Stanza(("greased", "argument"), b"body")
    assert identity.unwrap([other, mine]) == KEY
    assert identity.unwrap([other]) is None


@pytest.mark.parametrize(
    "other",
    [
        (X25519, age.X25519Identity(b"\x09" * 32)),
        (HYBRID, age.HybridIdentity(b"\x09" * 32)),
        (SECRETS[2], age.ScryptIdentity("open barley")),
    ],
    ids=lambda pair: name(pair[0]),
)
def test_another_of_the_same_kind_gets_nothing(other: tuple[age.Identity, age.Identity]) -> None:
    """A stanza of the right kind for another key opens to nothing, not to an error."""
    mine, theirs = other
    assert theirs.unwrap([mine.recipient.wrap(KEY, os.urandom)]) is None


@pytest.mark.parametrize("identity", [X25519, HYBRID], ids=name)
def test_text_and_back(identity: age.Identity) -> None:
    """Identities and recipients are read from what they print."""
    assert str(age.parse_identity(str(identity))) == str(identity)
    assert age.parse_recipient(str(identity.recipient)) == identity.recipient
    assert hash(age.parse_recipient(str(identity.recipient))) == hash(identity.recipient)
    assert type(identity).generate(Random(1).randbytes).recipient != identity.recipient  # type: ignore[attr-defined] - both kinds have it


def test_prefixes() -> None:
    """The text says which kind it is, in the spelling of the age programs."""
    assert str(X25519).startswith("AGE-SECRET-KEY-1")
    assert str(HYBRID).startswith("AGE-SECRET-KEY-PQ-1")
    assert str(HYBRID.recipient).startswith("age1pq1")


@pytest.mark.parametrize("identity", SECRETS, ids=name)
def test_secrets_do_not_show(identity: age.Identity) -> None:
    """Neither ``repr`` nor a message of an error holds the secret."""
    shown = repr(identity) + repr(identity.recipient)
    for secret in ("sesame", str(X25519)[16:], str(HYBRID)[19:]):
        assert secret not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        str(X25519).lower(),
        str(X25519)[:-1],
        str(X25519)[:-1] + ("Q" if str(X25519)[-1] != "Q" else "P"),
        str(X25519) + " ",
        str(HYBRID).replace("-PQ-", "-"),
        str(X25519).replace("KEY-1", "KEY-PQ-1"),
        str(X25519.recipient),
        "AGE-PLUGIN-YUBIKEY-1QQQQQQ",
    ],
)
def test_what_is_no_identity(text: str) -> None:
    """A typing mistake or another kind of key is refused, and never repeated to the screen."""
    with pytest.raises(InputError) as caught:
        age.parse_identity(text)
    said = "".join(traceback.format_exception(caught.value)).replace("AGE-SECRET-KEY-PQ-1", "")
    assert len(text) < 20 or text[20:] not in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        str(X25519.recipient).upper(),
        str(X25519.recipient)[:-1],
        str(HYBRID.recipient)[:-1],
        str(X25519.recipient).replace("age1", "age1pq1"),
        "age1yubikey1qqqqqq",
        "ssh-ed25519 AAAA",
        str(X25519),
    ],
)
def test_what_is_no_recipient(text: str) -> None:
    """The same for public keys."""
    with pytest.raises(InputError):
        age.parse_recipient(text)


@pytest.mark.parametrize("point", LOW_ORDER)
def test_points_of_low_order_are_no_recipients(point: bytes) -> None:
    """Sealing to one would seal to everybody."""
    with pytest.raises(InputError, match="not a public key"):
        age.X25519Recipient(point)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_have_one_length(size: int) -> None:
    """Shorter and longer keys are refused in every kind."""
    for make in (age.X25519Identity, age.HybridIdentity):
        with pytest.raises(InputError, match="not a private key"):
            make(bytes(size))
    with pytest.raises(InputError, match="not a public key"):
        age.X25519Recipient(bytes(size))
    with pytest.raises(InputError, match="not a public key"):
        age.HybridRecipient(bytes(1216 - 32 + size))


def bodies(stanza: Stanza) -> dict[str, Stanza]:
    """Return malformed variations of a stanza."""
    return {
        "argument missing": Stanza(stanza.args[:1], stanza.body),
        "argument added": Stanza((*stanza.args, "more"), stanza.body),
        "padded": Stanza((stanza.args[0], stanza.args[1] + "=", *stanza.args[2:]), stanza.body),
        "short share": Stanza((stanza.args[0], b64(b"s" * 15), *stanza.args[2:]), stanza.body),
        "short body": Stanza(stanza.args, stanza.body[:-1]),
        "long body": Stanza(stanza.args, stanza.body + b"x"),
    }


@pytest.mark.parametrize("identity", SECRETS, ids=name)
@pytest.mark.parametrize("what", sorted(bodies(Stanza(("x", "y"), b""))))
def test_malformed_stanzas(identity: age.Identity, what: str) -> None:
    """A stanza of one's own kind must be well formed; otherwise the header is to blame."""
    stanza = bodies(identity.recipient.wrap(KEY, os.urandom))[what]
    with pytest.raises(TrustError) as caught:
        identity.unwrap([stanza])
    assert caught.value.step == "age header"


@pytest.mark.parametrize("point", LOW_ORDER)
def test_shares_of_low_order(point: bytes) -> None:
    """A share that would give everybody the same secret is refused in both kinds."""
    hybrid = HYBRID.recipient.wrap(KEY, os.urandom)
    share = bytes(1088) + point
    for identity, stanza in [
        (X25519, Stanza(("X25519", b64(point)), bytes(32))),
        (HYBRID, Stanza((hybrid.args[0], b64(share)), hybrid.body)),
    ]:
        with pytest.raises(TrustError, match="low order") as caught:
            identity.unwrap([stanza])
        assert caught.value.step == "age header"


@pytest.mark.parametrize("factor", ["0", "01", "+1", "1 ", "", "x", "23", "64", "9" * 50, "１"])
def test_work_factors(factor: str) -> None:
    """One spelling; and no file can make its reader work for minutes or take all memory."""
    stanza = Stanza(("scrypt", b64(b"s" * 16), factor), bytes(32))
    with pytest.raises(TrustError, match="work factor") as caught:
        age.ScryptIdentity("word").unwrap([stanza])
    assert caught.value.step == "age header"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: age.ScryptRecipient(""), "empty"),
        (lambda: age.ScryptIdentity(""), "empty"),
        (lambda: age.ScryptRecipient("x", work_factor=0), "work factor"),
        (lambda: age.ScryptRecipient("x", work_factor=age_scrypt.MAX_WORK_FACTOR + 1), "factor"),
    ],
)
def test_passphrases_that_are_none(make: Callable[[], object], reason: str) -> None:
    """An empty passphrase, or a factor that no reader would accept."""
    with pytest.raises(InputError, match=reason):
        make()


def test_an_identity_file() -> None:
    """Lines with identities, comments and empty lines; any line ends; in order."""
    text = f"# made today\r\n{X25519}\r\n\r\n  \n{HYBRID}\n#{X25519}"
    assert [str(found) for found in age.parse_identities(text)] == [str(X25519), str(HYBRID)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no identity"),
        ("# nothing\n", "no identity"),
        (f"{X25519}\nhello\n", "not a private key"),
        (f" {X25519}\n", "not a private key"),
        (f"{X25519}\n" * (age_keys.MAX_IDENTITIES + 1), "at most"),
    ],
)
def test_what_is_no_identity_file(text: str, reason: str) -> None:
    """Nothing is skipped silently."""
    with pytest.raises(InputError, match=reason):
        age.parse_identities(text)
