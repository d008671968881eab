"""HDF5 files as h5py writes them, and as nobody should."""

from __future__ import annotations

import base64
import io
import json
import pickle
from collections.abc import Callable

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import budget, look_at, rules, unsafe
from workbench.findings.scan import Outcome
from workbench.scanning.hdf5 import _attribute, _values
from workbench.scanning.hdf5_objects import Walk

VERSIONS = pytest.mark.parametrize("libver", ["earliest", "latest", "v108", "v110"])
EVIL = {"class_name": "Lambda", "config": {"function": [base64.b64encode(b"x").decode()]}}
LAMBDA = json.dumps({"class_name": "Sequential", "config": {"layers": [EVIL]}})
DENSE = json.dumps({"class_name": "Dense", "config": {"units": 3}})


def written(
    fill: Callable[[h5py.File], object], libver: str = "earliest", **options: object
) -> bytes:
    target = io.BytesIO()
    with h5py.File(target, "w", libver=libver, **options) as file:
        fill(file)
    return target.getvalue()


def weights(file: h5py.File) -> None:
    for i in range(12 if file.libver[0] == "earliest" else 6):  # more are kept in another form
        group = file.create_group(f"layer_{i}/inner")
        group.create_dataset("kernel", data=np.ones((4, 4)))
        group.create_dataset(
            "packed", data=np.zeros(100), chunks=(10,), compression="gzip", shuffle=True
        )
        group.attrs["names"] = np.array([b"kernel", b"packed"])
        group.attrs["numbers"] = np.arange(5)
        group.attrs["flag"] = True
    file.attrs["backend"] = "tensorflow"
    file.attrs["empty"] = h5py.Empty("f8")


@VERSIONS
def test_weights_are_safe(libver: str) -> None:
    found = look_at(written(weights, libver))
    assert (found.kind, found.outcome, found.findings) == ("hdf5", Outcome.safe, ()), found


@VERSIONS
def test_what_asks_for_more_memory_than_there_is_is_refused(libver: str) -> None:
    """A dataset of which nothing was written, or that is all zeros; a large one is fine."""

    def declared(file: h5py.File) -> None:
        file.create_dataset("w", shape=(10**6, 10**6), dtype="f8", chunks=(100, 100))

    def together(file: h5py.File) -> None:
        for i in range(8):
            file.create_dataset(f"w{i}", shape=(40 << 20,), dtype="u1")

    def packed(file: h5py.File) -> None:
        file.create_dataset("w", shape=(1 << 29,), dtype="u1", chunks=(1 << 20,), compression=9)

    for fill in (declared, together, packed):
        unsafe(written(fill, libver), "too-large")
    usual = written(lambda file: file.create_dataset("w", data=np.ones(9999)), libver)
    assert look_at(usual).findings == ()


@VERSIONS
def test_pickles_in_datasets_are_found(libver: str) -> None:
    """As bytes, as an opaque value, as a text of varying length; numbers are numbers."""
    evil = pickle.dumps(Runs())

    def filled(how: str) -> Callable[[h5py.File], object]:
        def fill(file: h5py.File) -> None:
            if how == "bytes":
                file.create_dataset("m", data=np.frombuffer(evil, "u1"))
            elif how == "opaque":
                file.create_dataset("m", data=np.void(evil))
            else:
                kind = h5py.special_dtype(vlen=np.dtype("u1"))
                file.create_dataset("m", (1,), dtype=kind)[0] = np.frombuffer(evil, "u1")

        return fill

    for how in ("bytes", "opaque", "varying"):
        assert look_at(written(filled(how), libver)).outcome is Outcome.unsafe, how
    plain = np.frombuffer(b"\x80\x04" + bytes(range(200)), "u1")
    numbers = written(lambda file: file.create_dataset("m", data=plain), libver)
    assert look_at(numbers).findings == ()


class Runs:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("x",)


@VERSIONS
def test_reads_the_attributes_that_h5py_reads(libver: str) -> None:
    data = written(weights, libver)
    walk = Walk(io.BytesIO(data), budget())
    ours = sorted(
        value.rstrip(b"\0")
        for messages in walk.objects()
        for one in messages
        if one.kind == 0x0C
        for value in _values(walk, _attribute(one))
    )
    theirs: list[bytes] = []

    def visit(found: h5py.HLObject) -> None:
        for value in found.attrs.values():
            if isinstance(value, str):
                theirs.append(value.encode())
            elif isinstance(value, np.ndarray) and value.dtype.kind == "S":
                theirs.extend(value.tolist())

    with h5py.File(io.BytesIO(data)) as file:
        visit(file)
        file.visititems(lambda _, found: visit(found))
    assert ours == sorted(theirs)


@VERSIONS
@pytest.mark.parametrize("form", ["text", "bytes", "fixed", "void", "list"])
def test_lambdas_are_found_in_any_kind_of_attribute(libver: str, form: str) -> None:
    spelled = LAMBDA.replace("Lambda", "\\u004cambda")
    values = {
        "text": spelled,
        "bytes": spelled.encode(),
        "fixed": np.bytes_(spelled.encode()),
        "void": np.void(spelled.encode()),
        "list": np.array([spelled.encode()], h5py.special_dtype(vlen=bytes)),
    }

    def fill(file: h5py.File) -> None:
        weights(file)
        file["layer_3/inner"].attrs["model_config"] = values[form]

    unsafe(written(fill, libver), "keras-config")


@VERSIONS
def test_models_of_keras_are_allowed(libver: str) -> None:
    def fill(file: h5py.File) -> None:
        weights(file)
        file.attrs["model_config"] = DENSE
        file.attrs["training_config"] = json.dumps({"loss": "mse", "optimizer_config": {}})

    found = look_at(written(fill, libver))
    assert (found.kind, found.outcome) == ("keras hdf5", Outcome.allowed), found


def test_pickles_in_attributes_are_found() -> None:
    """As PyTables writes and reads them."""
    for value in (b"cos\nsystem\n(S'true'\ntR.", b"\x80\x04cos\nsystem\n(\x8c\x04truetR."):
        unsafe(
            written(lambda file, v=value: file.attrs.update({"TITLE": np.bytes_(v)})), "pickle-call"
        )
    plain = np.void(pickle.dumps({"a": 1}))
    assert look_at(written(lambda file: file.attrs.update({"x": plain}))).outcome is Outcome.allowed
    atom = np.bytes_(b"object")
    unsafe(written(lambda file: file.attrs.update({"PSEUDOATOM": atom})), "hdf5-pickles")


def external(file: h5py.File) -> None:
    file.create_dataset("x", (10,), "f8", external=[("other.bin", 0, 80)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    file.create_virtual_dataset("x", layout)


def linked(file: h5py.File) -> None:
    file["x"] = h5py.ExternalLink("other.h5", "/x")


def many(file: h5py.File) -> None:
    for i in range(20):
        file.attrs[f"a{i}"] = "x" * 4000
    file.attrs["model_config"] = LAMBDA


@pytest.mark.parametrize("fill", [external, virtual, linked])
def test_files_that_take_from_others_are_refused(fill: Callable[[h5py.File], None]) -> None:
    for libver in ("earliest", "latest"):
        unsafe(written(fill, libver), "hdf5-not-understood")


def test_what_is_not_understood_is_refused() -> None:
    unsafe(written(many, "latest"), "hdf5-not-understood")
    assert look_at(written(many, "earliest")).outcome is Outcome.unsafe
    unsafe(written(weights, userblock_size=512), "hdf5-not-understood")
    good = written(weights)
    unsafe(good + b"x", "hdf5-not-understood")
    unsafe(good[:-1], "hdf5-not-understood")
    unsafe(b"x" * 512 + good, "hdf5-not-understood")


def test_soft_links_and_loops_are_fine() -> None:
    def fill(file: h5py.File) -> None:
        file.create_group("a")
        file["a/again"] = file
        file["soft"] = h5py.SoftLink("/a")

    for libver in ("earliest", "latest"):
        assert look_at(written(fill, libver)).outcome is Outcome.safe


def test_filters_of_others_are_a_concern() -> None:
    data = bytearray(
        written(lambda f: f.create_dataset("x", data=np.zeros(9), chunks=(3,), shuffle=True))
    )
    at = data.index(b"shuffle") - 8
    assert data[at : at + 2] == b"\2\0"
    data[at : at + 2] = b"\x0f\x7d"
    assert rules(look_at(bytes(data))) == {"hdf5-filter"}


BASES = [written(weights, libver) for libver in ("earliest", "latest")]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BASES), st.integers(0, 6000), st.binary(min_size=1, max_size=8))
def test_changed_files_are_handled(data: bytes, at: int, patch: bytes) -> None:
    assert look_at(data[:at] + patch + data[at + len(patch) :], seconds=5.0).outcome in Outcome


def of_matlab(head: bytes = b"MATLAB 7.3 MAT-file, Platform: GLNXA64", **options: object) -> bytes:
    """As MATLAB 7.3 writes its variables: behind half a kilobyte of its own."""
    data = written(weights, userblock_size=512, **options)
    return head.ljust(116) + bytes(8) + b"\0\2IM" + bytes(384) + data[512:]


@VERSIONS
def test_variables_of_matlab_are_looked_into(libver: str) -> None:
    found = look_at(of_matlab(libver=libver))
    assert (found.kind, found.outcome, found.findings) == ("hdf5", Outcome.safe, ()), found
    evil = written(lambda file: file.attrs.update(x=np.void(pickle.dumps(Runs()))), libver)
    assert look_at(evil).outcome is Outcome.unsafe
    behind = written(
        lambda file: file.attrs.update(x=np.void(pickle.dumps(Runs()))), libver, userblock_size=512
    )
    packed = of_matlab()[:512] + behind[512:]
    assert look_at(packed).outcome is Outcome.unsafe


def test_other_things_before_the_form_are_refused() -> None:
    for head in (b"#!/bin/sh\nMATLAB 7.3 MAT-file", b"MATLAB 7.3 MAT-file\n\x01", b"MATLAB 5.0"):
        unsafe(of_matlab(head), "hdf5-not-understood")
    unsafe(of_matlab()[:200] + b"x" + of_matlab()[201:], "hdf5-not-understood")
    unsafe(of_matlab() + b"x", "hdf5-not-understood")
