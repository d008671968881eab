"""Flip any byte of anything stored: the failed step is named, and nothing is left behind."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.exchange import FILES, REF, Exchange, Keys, Remembered, write_model
from tests.properties import SHARED
from workbench.crypto import dsse
from workbench.encoding import digest
from workbench.errors import Denied, TrustError
from workbench.records import Envelope, Grant
from workbench.release import layout, trust
from workbench.services import opened as opening
from workbench.stores import opened

EXAMPLES = settings(SHARED, max_examples=60, derandomize=True)
PLACE = st.integers(0, 2**32)
MASK = st.integers(1, 255)


@dataclass
class Shared:
    """An exchange on disk with one release that Noor may open, and what she opened."""

    exchange: Exchange
    place: Path
    outbox: Path  # where she opens it
    folder: Path  # where she did

    @property
    def database(self) -> Path:
        return self.place / "exchange.db"

    def refuses(self) -> TrustError:
        """Check that Noor cannot open it and that nothing is left, nor beside it."""
        with pytest.raises(TrustError) as caught:
            self.exchange.open(self.outbox / "deep" / "out")
        assert list(self.outbox.iterdir()) == []
        assert caught.value.exit_code == 3
        return caught.value

    def opens(self) -> None:
        """Check that Noor gets the model, whole."""
        self.exchange.open(self.outbox / "out")
        for name, data in FILES.items():
            assert (self.outbox / "out" / "model" / name).read_bytes() == data
        remove(self.outbox / "out")

    def blobs(self) -> dict[str, str]:
        """Return each blob's file name and the step that doubts it."""
        release = self.exchange.noor.release(REF)
        with self.exchange.context.blobs.open(release.manifest) as source:
            manifest = layout.Manifest.from_bytes(source.read())
        steps = {
            release.manifest: "manifest",
            manifest.config.digest: "listing",
            manifest.evidence.digest: "evidence",
            **{layer.digest: "model files" for layer in manifest.files},
        }
        return {name.removeprefix("sha256:"): step for name, step in steps.items()}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    place = tmp_path_factory.mktemp("tampering")
    exchange = Exchange.on_disk(place / "exchange", Keys()).enrol()
    exchange.publish(write_model(place / "model"))
    exchange.granted()
    exchange.open(place / "opened")
    (place / "outbox").mkdir()
    yield Shared(exchange, place / "exchange", place / "outbox", place / "opened")
    exchange.close()


def flip(data: bytes, place: int, mask: int) -> bytes:
    """Return ``data`` with one byte changed."""
    changed = bytearray(data)
    changed[place % len(data)] ^= mask
    return bytes(changed)


@contextmanager
def replaced(path: Path, data: bytes) -> Iterator[None]:
    """Let a file hold other bytes for a while."""
    before = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(before)


@contextmanager
def row(shared: Shared, table: str, column: str, where: str, data: bytes) -> Iterator[None]:
    """Let one column of one row hold other bytes for a while."""
    update = f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {where}"
    before = stored(shared, table, column, where)
    with closing(sqlite3.connect(shared.database, isolation_level=None)) as other:
        other.execute(update, (data,))
        try:
            yield
        finally:
            other.execute(update, (before,))


def stored(shared: Shared, table: str, column: str, where: str) -> bytes:
    with closing(sqlite3.connect(shared.database)) as other:
        query = f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {where}"
        return other.execute(query).fetchone()[0]


def names(shared: Shared, table: str, columns: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(shared.database)) as other:
        return other.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()


def remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def test_untouched(shared: Shared) -> None:
    """What is not tampered with opens and verifies, so that the failures below mean something."""
    shared.opens()
    shared.exchange.sam.verify_log()
    assert verify_folder(shared)[-1] == "receipt"


@EXAMPLES
@given(st.data(), PLACE, MASK)
def test_blobs(shared: Shared, data: st.DataObject, place: int, mask: int) -> None:
    """Each byte of the manifest, the listing, the evidence and the sealed files counts."""
    steps = shared.blobs()
    name = data.draw(st.sampled_from(sorted(steps)))
    path = shared.place / "store" / "blobs" / "sha256" / name
    with replaced(path, flip(path.read_bytes(), place, mask)):
        assert shared.refuses().step == steps[name]


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_cut_off_blobs(shared: Shared, cut: int) -> None:
    """A blob that lost its end is refused at its step, as is an empty one."""
    for name, step in shared.blobs().items():
        path = shared.place / "store" / "blobs" / "sha256" / name
        with replaced(path, path.read_bytes()[:-cut] if cut else b""):
            assert shared.refuses().step == step


def test_exchanged_blobs(shared: Shared) -> None:
    """Two sealed files in each other's place are refused."""
    first, second = [name for name, step in shared.blobs().items() if step == "model files"]
    folder = shared.place / "store" / "blobs" / "sha256"
    with replaced(folder / first, (folder / second).read_bytes()):
        assert shared.refuses().step == "model files"


def test_missing_blobs(shared: Shared) -> None:
    """A blob that is gone is a matter of trust too: somebody took it."""
    for name, step in shared.blobs().items():
        path = shared.place / "store" / "blobs" / "sha256" / name
        aside = shared.place / name
        path.rename(aside)
        try:
            assert shared.refuses().step == step
        finally:
            aside.rename(path)


@EXAMPLES
@given(st.sampled_from(["release", "grant", "envelope"]), PLACE, MASK)
def test_statements_and_envelopes(shared: Shared, kind: str, place: int, mask: int) -> None:
    """Each byte of what the owner and the reviewer signed, and of the sealed keys, counts."""
    records = shared.exchange.context.records
    (grant,) = records.find(Grant, person="noor")
    signed = {
        "release": (shared.exchange.noor.release(REF), "statement", REF),
        "grant": (grant, "statement", grant.id),
        "envelope": (records.get(Envelope, grant.envelope), "sealed", grant.envelope),
    }
    record, field, key = signed[kind]
    body = record.to_bytes()
    start = body.index(f'"{field}":"'.encode()) + len(field) + 4
    end = body.index(b'"', start) if kind == "envelope" else body.rindex(b'"}') + 1
    new = body[:start] + flip(body[start:end], place, mask) + body[end:]
    with row(shared, "records", "body", f"kind = '{kind}' AND key = '{key}'", new):
        step = shared.refuses().step
    assert step in {"record", "database", "release statement", "grant", "envelope"}


@EXAMPLES
@given(st.data(), PLACE, MASK)
def test_records(shared: Shared, data: st.DataObject, place: int, mask: int) -> None:
    """Each byte of each record counts: who does not notice at once, notices when verifying."""
    kind, key = data.draw(st.sampled_from(names(shared, "records", "kind, key")))
    where = f"kind = '{kind}' AND key = '{key}'"
    changed = flip(stored(shared, "records", "body", where), place, mask)
    with row(shared, "records", "body", where, changed):
        with pytest.raises(TrustError) as caught:
            shared.exchange.sam.verify_log()
        assert caught.value.step in {"record", "database", "ledger records"}
        with suppress(TrustError, Denied):  # and nothing else, should Noor come by before that
            shared.exchange.noor.verify(REF)


@EXAMPLES
@given(st.data(), st.sampled_from(["event", "salt"]), PLACE, MASK)
def test_entries(shared: Shared, data: st.DataObject, column: str, place: int, mask: int) -> None:
    """Each byte of each log entry counts."""
    (number,) = data.draw(st.sampled_from(names(shared, "entries", "position")))
    where = f"position = {number}"
    changed = flip(stored(shared, "entries", column, where), place, mask)
    with row(shared, "entries", column, where, changed):
        with pytest.raises(TrustError) as caught:
            shared.exchange.sam.verify_log()
        assert caught.value.step in {"ledger", "ledger entry", "database"}


@EXAMPLES
@given(PLACE, MASK)
def test_the_log_s_checkpoint(shared: Shared, place: int, mask: int) -> None:
    """Each byte of the checkpoint counts, at every contact and for everybody."""
    note = stored(shared, "checkpoints", "note", "true")
    with row(shared, "checkpoints", "note", "true", flip(note, place, mask)):
        assert shared.refuses().step in {"checkpoint", "database"}


@EXAMPLES
@given(PLACE, MASK)
def test_a_client_s_checkpoint(shared: Shared, place: int, mask: int) -> None:
    """A client whose memory was altered is told, and not let on."""
    memories = shared.exchange.memories
    note = memories["noor"].note
    assert note is not None
    memories["noor"] = Remembered(flip(note, place, mask))
    try:
        assert shared.refuses().step == "checkpoint"
    finally:
        memories["noor"] = Remembered(note)


@EXAMPLES
@given(PLACE, MASK)
def test_receipts(shared: Shared, place: int, mask: int) -> None:
    """Each byte of a receipt counts."""
    proof = shared.exchange.sam.receipt(7)
    with pytest.raises(TrustError) as caught:
        shared.exchange.sam.check_receipt(flip(proof, place, mask))
    assert caught.value.step in {"receipt", "checkpoint"}


@EXAMPLES
@given(st.data(), PLACE, MASK)
def test_opened_folder(shared: Shared, data: st.DataObject, place: int, mask: int) -> None:
    """Each byte of each file of an opened folder counts, later and for somebody else."""
    files = sorted(path for path in shared.folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    with replaced(path, flip(path.read_bytes(), place, mask)):
        with pytest.raises(TrustError) as caught:
            verify_folder(shared)
        assert caught.value.step in FOLDER_STEPS[path.name]


FOLDER_STEPS = {
    "listing.json": {"listing", "owner", "release statement"},
    "owner.pem": {"owner"},
    "release.sig": {"release statement"},
    "evidence.jsonl": {"evidence", "model signature"},
    "model.sig": {"model signature"},
    "receipt.tlog-proof": {"receipt", "checkpoint"},
    **{Path(name).name: {"model files"} for name in FILES},
}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Apache-2.0", b"MIT"),
        (b'"title":"model"', b'"title":"other"'),
        (b'"sensitivity":"internal"', b'"sensitivity":"open"'),
    ],
)
@pytest.mark.parametrize("receipt", [True, False])
def test_opened_listing_that_says_something_else(
    shared: Shared, tmp_path: Path, old: bytes, new: bytes, receipt: bool
) -> None:
    """Other words are not what the owner signed; a folder from a sealed file has no receipt."""
    folder = Path(shutil.copytree(shared.folder, tmp_path / "folder"))
    if not receipt:
        (folder / "receipt.tlog-proof").unlink()
    path = folder / "listing.json"
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(TrustError) as caught:
        verify_folder(shared, folder)
    assert caught.value.step == "release statement"
    assert caught.value.passed == ("listing", "owner")


@pytest.mark.parametrize(("ref", "who"), [("lab/model:2.0", "ada"), (REF, "vera")])
def test_opened_statement_about_something_else(shared: Shared, ref: str, who: str) -> None:
    """The statement must be about this release, and the owner's."""
    signer = shared.exchange.actor(who).signer
    listing = digest((shared.folder / "listing.json").read_bytes())
    payload = trust.release_statement(ref, digest(b"manifest"), listing)
    bundle = dsse.bundle(payload, signer.sign, signer.device.signing_key)
    with replaced(shared.folder / "release.sig", bundle.encode()):
        with pytest.raises(TrustError) as caught:
            verify_folder(shared)
        assert caught.value.step == "release statement"


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("owner.pem", "owner"),
        ("release.sig", "release statement"),
        ("evidence.jsonl", "evidence"),
        ("model.sig", "model signature"),
    ],
)
def test_opened_folder_without_a_document(
    shared: Shared, tmp_path: Path, name: str, step: str
) -> None:
    """What is missing fails the step that needs it."""
    folder = Path(shutil.copytree(shared.folder, tmp_path / "folder"))
    (folder / name).unlink()
    with pytest.raises(TrustError, match="missing") as caught:
        verify_folder(shared, folder)
    assert caught.value.step == step


def test_opened_folder_with_another_file(shared: Shared) -> None:
    """A file more or less is noticed."""
    added = shared.folder / "model" / "extra.bin"
    added.write_bytes(b"")
    try:
        with pytest.raises(TrustError) as caught:
            verify_folder(shared)
        assert caught.value.step == "model files"
    finally:
        added.unlink()


def verify_folder(shared: Shared, folder: Path | None = None) -> tuple[str, ...]:
    people = shared.exchange.noor.people()
    verifier = shared.exchange.context.verifier
    return opening.verify(opened.OpenedFolder(folder or shared.folder), people, verifier).passed
