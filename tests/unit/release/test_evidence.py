"""Evidence: each line signed by the owner, all about one model, tied to one listing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable

import pytest

from workbench.crypto import dsse
from workbench.crypto.keys import SigningKey
from workbench.encoding import b64encode
from workbench.errors import InputError, TrustError
from workbench.release import evidence, signing
from workbench.release.signing import Resource

OWNER, OTHER = SigningKey.generate(), SigningKey.generate()
KEY = b"k" * 32
FILES = (Resource("a", "ab" * 32), Resource("b", "cd" * 32))
ROOT = signing.root_digest(FILES)


def sign(payload: bytes, key: SigningKey = OWNER) -> str:
    return dsse.bundle(payload, key.sign, key.public.pem)


def note(root: str = ROOT, key: SigningKey = OWNER) -> str:
    return sign(dsse.statement([("model", root)], "urn:example:note", {"n": 1}), key)


FIRST = sign(evidence.commitment_statement(KEY, "model", ROOT))
SECOND = sign(signing.statement("model", FILES))
GOOD = evidence.compose([FIRST, SECOND, note(), note()])


def refused(lines: list[str] | bytes) -> TrustError:
    data = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
    with pytest.raises(TrustError) as caught:
        evidence.read(data, OWNER.public)
    assert b64encode(KEY) not in str(caught.value)
    return caught.value


def test_evidence_and_back() -> None:
    """What was measured comes back in order, with the key, the root and the files."""
    found = evidence.read(GOOD, OWNER.public)
    assert (found.commitment_key, found.root, found.resources) == (KEY, ROOT, FILES)
    assert found.model_bundle == SECOND
    assert [statement["predicate"] for statement in found.statements] == [{"n": 1}] * 2
    assert b64encode(KEY) not in repr(found)
    assert repr(KEY) not in repr(found)


def test_nothing_need_have_been_measured() -> None:
    """The two lines that every release has are enough."""
    assert evidence.read(evidence.compose([FIRST, SECOND]), OWNER.public).statements == ()


def test_the_commitment_is_a_keyed_hash() -> None:
    """HMAC-SHA256, so the listing tells nothing to whoever guesses at the model's files."""
    expected = hmac.digest(KEY, bytes.fromhex(ROOT), "sha256").hex()
    assert evidence.commitment(KEY, ROOT) == expected
    assert evidence.commitment(b"x" * 32, ROOT) != expected
    assert evidence.commitment(KEY, hashlib.sha256(b"x").hexdigest()) != expected


@pytest.mark.parametrize(
    ("key", "root"),
    [(b"", ROOT), (KEY + b"x", ROOT), (KEY, "ab"), (KEY, ROOT.upper()), (KEY, ROOT[:-1] + "x")],
)
def test_what_nothing_can_be_committed_to(key: bytes, root: str) -> None:
    """A key of another length, or what is no digest."""
    with pytest.raises(InputError):
        evidence.commitment(key, root)
    with pytest.raises(InputError):
        evidence.commitment_statement(key, "model", root)


COMMITMENTS = {
    "no key": {},
    "a short key": {"key": b64encode(b"k" * 31)},
    "no base64": {"key": "*"},
    "a number": {"key": 1},
    "more": {"key": b64encode(KEY), "more": 1},
}


@pytest.mark.parametrize("what", COMMITMENTS)
def test_other_first_lines(what: str) -> None:
    """The first line holds a key of the right length and nothing else."""
    first = sign(dsse.statement([("m", ROOT)], evidence.COMMITMENT_TYPE, COMMITMENTS[what]))
    assert refused([first, SECOND]).step == "evidence"


LINES: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "first missing": ("evidence", lambda: [SECOND, note()]),
    "second missing": ("model signature", lambda: [FIRST, note()]),
    "swapped": ("evidence", lambda: [SECOND, FIRST]),
    "one line": ("evidence", lambda: [FIRST]),
    "nothing": ("evidence", list),
    "an empty line": ("evidence", lambda: [FIRST, SECOND, ""]),
    "a line by somebody else": ("evidence", lambda: [FIRST, SECOND, note(key=OTHER)]),
    "a line about another model": ("evidence", lambda: [FIRST, SECOND, note("ef" * 32)]),
    "a line about two models": (
        "evidence",
        lambda: [
            FIRST,
            SECOND,
            sign(dsse.statement([("m", ROOT), ("m", "ef" * 32)], "urn:example:note", {})),
        ],
    ),
    "the key is for another model": (
        "evidence",
        lambda: [sign(evidence.commitment_statement(KEY, "m", "ef" * 32)), SECOND],
    ),
    "the files are another model's": (
        "evidence",
        lambda: [FIRST, sign(signing.statement("m", FILES[:1]))],
    ),
    "the files by somebody else": (
        "model signature",
        lambda: [FIRST, sign(signing.statement("model", FILES), OTHER)],
    ),
    "the files in another spelling": (
        "evidence",
        lambda: [FIRST, json.dumps(json.loads(SECOND)), note()],
    ),
    "too many lines": ("evidence", lambda: [FIRST, SECOND, *[""] * evidence.MAX_LINES]),
}


@pytest.mark.parametrize("what", LINES)
def test_other_lines(what: str) -> None:
    """What is missing, added, moved or somebody else's is refused at the step it concerns."""
    step, lines = LINES[what]
    assert refused(lines()).step == step


@pytest.mark.parametrize(
    "data", [b"", b"\n", GOOD[:-1], GOOD + b"\n", b"\xef\xbb\xbf" + GOOD, GOOD + b"\xff\n"]
)
def test_other_bytes(data: bytes) -> None:
    """Cut off, extended, marked, or no text at all."""
    assert refused(data).step == "evidence"


def test_evidence_has_a_size() -> None:
    """Far too much is refused before it is parsed, and is not written."""
    too_much = b"x" * (evidence.MAX_EVIDENCE + 1)
    assert "larger" in refused(too_much).message
    with pytest.raises(InputError, match="2 to"):
        evidence.compose([FIRST])
    with pytest.raises(InputError, match="2 to"):
        evidence.compose([FIRST] * (evidence.MAX_LINES + 1))
    with pytest.raises(InputError, match="canonical"):
        evidence.compose([FIRST, json.dumps(json.loads(SECOND))])
