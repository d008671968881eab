"""Sealed files for tests, good ones and ones put together by hand."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from workbench.encoding import digest
from workbench.release import layout
from workbench.stores.archive import write

BLOBS = [b"first", b"", b"x" * 512, b"y" * 70_001]
INDEX = layout.index(())
OCI_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'


def blob_path(data: bytes) -> str:
    return "blobs/sha256/" + digest(data).removeprefix("sha256:")


def save(path: Path, blobs: list[bytes], index: bytes = INDEX) -> Path:
    write(path, ((digest(data), len(data), io.BytesIO(data)) for data in blobs), index)
    return path


def made(path: Path, *members: tuple[tarfile.TarInfo, bytes], **how: object) -> Path:
    """Write a tar file with the standard library: a layout's two documents, then ``members``."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, **how) as tar:  # type: ignore[call-overload]
        for info, data in [
            member("oci-layout", OCI_LAYOUT),
            member("index.json", INDEX),
            *members,
        ]:
            tar.addfile(info, io.BytesIO(data))
    return path


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data
