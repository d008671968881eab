"""Files that could run code: stopped when they are published, and again when they are opened."""

from __future__ import annotations

import os
import pickle
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.exchange import REF, Exchange, draft, unpublished
from workbench.errors import Denied
from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.findings.statement import read
from workbench.services import content, pack
from workbench.services.publish import listing_for
from workbench.stores import folder, opened
from workbench.stores.memory import MemoryBlobs
from workbench.vocabulary import Sensitivity, Verdict

CANARY = "workbench_canary"
HOSTILE = f"cos\nputenv\n(S'{CANARY}'\nS'1'\ntR.".encode()


def blind(files: Any, **_: Any) -> ScanReport:
    """A scan that knows nothing: an older one, or that of somebody who means harm."""
    names = [name for name, _ in files]
    fine = [FileScan(path=n, kind="text", outcome=Outcome.safe, reason="Fine.") for n in names]
    return ScanReport(rules="2020-01", files=tuple(fine))


@pytest.fixture
def hostile(model: Path) -> Path:
    (model / "notes.txt").write_bytes(HOSTILE)
    return model


def test_the_gateway_stops_it(exchange: Exchange, hostile: Path) -> None:
    """By content, whatever its name says; the person is told what was found, the log is not."""
    error = unpublished(exchange, lambda: exchange.publish(hostile), "could run code")
    assert isinstance(error, Denied)
    assert error.decision is not None
    assert error.decision.policies == ("no-unsafe-content",)
    assert error.found.startswith("notes.txt: ")
    assert "notes.txt" in str(error)
    event = exchange.events("refused")[0].event
    assert "notes.txt" not in event.to_bytes().decode()
    assert event.policies == ("no-unsafe-content",)


def test_what_somebody_else_measured_is_not_believed(exchange: Exchange, hostile: Path) -> None:
    """A draft that says it passed is scanned all the same."""
    said = {"scan": "passed", "safe_form": "passed"}
    unpublished(exchange, lambda: exchange.publish(hostile, facts=said), "could run code")


def test_opening_stops_it_again(
    exchange: Exchange, hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What got past an older scan, or a changed one, is stopped where it is opened."""
    with monkeypatch.context() as older:
        older.setattr(content, "scan", blind)
        release = exchange.publish(hostile)
    assert release.listing.facts.scan is Verdict.passed
    exchange.granted()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Denied, match="could run somebody else's code") as caught:
        exchange.open(tmp_path / "out")
    assert caught.value.found.startswith("notes.txt: ")
    assert sorted(tmp_path.iterdir()) == before
    event = exchange.events()[0].event
    assert (event.kind, event.actor, event.details) == ("refused", "noor", {"verb": "open"})
    assert "notes.txt" not in event.to_bytes().decode()
    exchange.sam.verify_log()


def test_the_owner_is_stopped_too(
    exchange: Exchange, hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is no less dangerous on the computer it came from."""
    with monkeypatch.context() as older:
        older.setattr(content, "scan", blind)
        exchange.publish(hostile)
    with pytest.raises(Denied, match="could run somebody else's code"):
        exchange.open(tmp_path / "out", by="ada")


def _packed(exchange: Exchange, model: Path, blobs: MemoryBlobs) -> pack.SharedFile:
    ada = exchange.ada
    return pack.pack(
        exchange.context,
        ada.actor,
        lambda commitment: listing_for(draft(), ada.person, commitment),
        folder.scan(model),
        pack.addressee("noor", ada.people()),
        blobs,
        lambda _what, _done, _total: None,
    )


def test_a_sealed_file_is_scanned_on_both_sides(
    exchange: Exchange, hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exchange is between the two, and no policy: it is refused."""
    with pytest.raises(Denied, match="could run somebody else's code") as caught:
        _packed(exchange, hostile, MemoryBlobs())
    assert caught.value.unchanged == "No file was made."
    blobs = MemoryBlobs()
    with monkeypatch.context() as older:
        older.setattr(content, "scan", blind)
        shared = _packed(exchange, hostile, blobs)
    noor = exchange.noor
    parcel = pack.parcel(shared, blobs, noor.actor.device, lambda _: exchange.ada.person)
    with pytest.raises(Denied, match="could run somebody else's code"):
        noor.open_parcel(parcel, blobs, opened.writing(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_the_scan_is_signed_with_the_release(exchange: Exchange, model: Path) -> None:
    """The facts everybody reads are those of the report that reviewers read."""
    release = exchange.publish(model)
    facts = release.listing.facts
    assert (facts.scan, facts.safe_form) == (Verdict.passed, Verdict.passed)
    report = read(exchange.rui.evidence(REF).statements).scan
    assert report is not None
    assert [(one.path, one.kind) for one in report.files] == [
        ("config.json", "json"),
        ("weights/part.bin", "safetensors"),
    ]


def test_a_harmless_pickle_is_allowed_and_called_one(exchange: Exchange, model: Path) -> None:
    """Up to internal; from confidential on the weights cannot be offered in that form."""
    (model / "table.pkl").write_bytes(pickle.dumps({"means": np.arange(3.0)}))
    release = exchange.publish(model)
    facts = release.listing.facts
    assert (facts.scan, facts.safe_form) == (Verdict.passed, Verdict.failed)
    with pytest.raises(Denied, match="only forms that cannot run code") as caught:
        exchange.publish(model, "lab/other:1.0", sensitivity=Sensitivity.confidential)
    assert caught.value.decision is not None
    assert caught.value.decision.policies == ("safe-form-offered",)


def test_nothing_of_it_was_ever_run(exchange: Exchange, hostile: Path) -> None:
    """The file would have set a variable of the environment."""
    with pytest.raises(Denied):
        exchange.publish(hostile)
    assert CANARY not in os.environ


def test_many_files_are_opened_one_by_one(exchange: Exchange, tmp_path: Path) -> None:
    """A model of more files than a process may hold open."""
    model = tmp_path / "model"
    model.mkdir()
    for number in range(300):
        (model / f"{number}.json").write_text("{}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        report = content.scanned(
            [(file.name, file.open) for file in folder.scan(model)],
            exchange.context,
            lambda _what, _done, _total: None,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(report.files) == 300
