"""What the tests of programs share: files looked into and made, or refused."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any

import joblib
import pytest
import torch

from workbench.converting.pickled import load, unpacked
from workbench.errors import TrustError
from workbench.findings.scan import FileScan, Outcome
from workbench.scanning.allowlist import ALLOWED
from workbench.scanning.scan import scan


def looked_into(content: bytes) -> FileScan:
    (one,) = scan([("model", io.BytesIO(content))], clock=lambda: 0.0).files
    return one


def made(content: bytes, names: Collection[tuple[str, str]] = ALLOWED.keys()) -> Any:
    """What a file is made into after it was found to be allowed."""
    found = looked_into(content)
    assert found.outcome is Outcome.allowed, found
    stream, kind = io.BytesIO(content), found.kind
    if " of " in kind:
        into = io.BytesIO()
        kind, stream = unpacked(stream, kind, into), into
    return load(stream, kind, names, found.names)


def refused(content: bytes, kind: str, names: Collection[tuple[str, str]] = ALLOWED.keys()) -> str:
    """Why a file is refused that nobody looked into."""
    with pytest.raises(TrustError) as caught:
        load(io.BytesIO(content), kind, names, ())
    assert caught.value.step == "model content"
    assert caught.value.unchanged == "Nothing was loaded."
    assert caught.value.hint
    return caught.value.message


def dumped(value: Any, **how: Any) -> bytes:
    written = io.BytesIO()
    joblib.dump(value, written, **how)
    return written.getvalue()


def saved(value: Any, *, zipfile: bool = True) -> bytes:
    written = io.BytesIO()
    torch.save(value, written, _use_new_zipfile_serialization=zipfile)
    return written.getvalue()
