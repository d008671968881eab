"""Zip archives: what writers write is read alike, and what readers disagree on is refused."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import OS_SYSTEM, budget, look_at, unsafe, zipped
from workbench.findings.scan import Outcome
from workbench.scanning.streams import Malformed
from workbench.scanning.zips import check_names, members

ONE = zipped({"a.txt": b"hello", "b.txt": b"there"})


def read(data: bytes) -> list[tuple[str, int, int, int, int]]:
    found = members(io.BytesIO(data), budget())
    return [(m.name, m.method, m.crc, m.packed, m.size) for m in found]


def by_python(data: bytes) -> list[tuple[str, int, int, int, int]]:
    listed = zipfile.ZipFile(io.BytesIO(data)).infolist()
    return [(i.filename, i.compress_type, i.CRC, i.compress_size, i.file_size) for i in listed]


NAMES = st.text("abcdefgé", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=5), st.sampled_from([0, 8, 12]))
def test_reads_what_python_writes(files: dict[str, bytes], method: int) -> None:
    data = zipped(files, method)
    assert read(data) == by_python(data)


def test_reads_what_is_written_to_a_pipe() -> None:
    """Checksums and sizes then follow the data."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_: int) -> int:
            raise OSError

    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"x" * 1000)
        archive.writestr("b", b"y")
    assert read(target.getvalue()) == by_python(target.getvalue())


def test_reads_what_numpy_and_folders_are() -> None:
    target = io.BytesIO()
    np.savez(target, a=np.zeros(3), b=np.ones((2, 2)))
    assert read(target.getvalue()) == by_python(target.getvalue())
    folders = zipped({"a/": b"", "a/b": b"x"})
    assert read(folders) == by_python(folders)
    assert look_at(folders).outcome is Outcome.safe


def test_reads_a_directory_in_its_wide_form() -> None:
    end = ONE.rindex(b"PK\x05\x06")
    _, _, _, _, count, size, start, _ = struct.unpack("<4s4H2IH", ONE[end:])
    wide = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    assert read(ONE[:end] + wide + locator + ONE[end:]) == by_python(ONE)
    other = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, start)
    with pytest.raises(Malformed, match="disagree"):
        read(ONE[:end] + other + locator + ONE[end:])


def changed(data: bytes, magic: bytes, offset: int, value: bytes) -> bytes:
    """The first record of a kind with other bytes in it."""
    at = data.index(magic) + offset
    return data[:at] + value + data[at + len(value) :]


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
ATTACKS = {
    "encrypted in both headers": changed(changed(ONE, LOCAL, 6, b"\1\0"), CENTRAL, 8, b"\1\0"),
    "flag in the directory only (CVE-2025-1945)": changed(ONE, CENTRAL, 8, b"\1\0"),
    "flag in the local header only": changed(ONE, LOCAL, 6, b"\x20\0"),
    "name in the directory differs (CVE-2025-1944)": changed(ONE, CENTRAL, 46, b"z"),
    "local name differs": changed(ONE, LOCAL, 30, b"z"),
    "method differs": changed(ONE, LOCAL, 8, b"\x08\0"),
    "checksum differs": changed(ONE, LOCAL, 14, b"\0\0\0\0"),
    "size differs": changed(ONE, LOCAL, 22, b"\1\0\0\0"),
    "packed size differs": changed(ONE, CENTRAL, 20, b"\1\0\0\0"),
    "count too small": changed(ONE, END, 10, b"\1\0"),
    "second disk": changed(ONE, END, 4, b"\1\0"),
    "directory elsewhere": changed(ONE, END, 16, b"\1\0\0\0"),
    "comment": ONE[:-2] + b"\5\0hello",
    "something before": b"hello" + ONE,
    "something after": ONE + b"x",
    "cut off": ONE[:-5],
    "nothing but the end mark": b"PK\x05\x06",
    "out of the folder": zipped({"../a": b""}),
    "absolute": zipped({"/a": b""}),
    "empty step": zipped({"a//b": b""}),
    "drive": zipped({"C:a": b""}),
    "case": zipped({"a": b"", "A": b""}),
    "file and folder": zipped({"a": b"", "a/b": b""}),
}


@pytest.mark.parametrize("data", ATTACKS.values(), ids=ATTACKS.keys())
def test_refuses_what_readers_disagree_on(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)
    assert look_at(data).outcome is Outcome.unsafe


def test_refuses_a_wrong_checksum() -> None:
    """In both headers (CVE-2025-10156): Python stops, torch does not look."""
    wrong = changed(changed(ONE, LOCAL, 14, b"\0\0\0\0"), CENTRAL, 16, b"\0\0\0\0")
    assert len(read(wrong)) == 2
    unsafe(wrong, "damaged")


def test_refuses_links_and_devices() -> None:
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            info = zipfile.ZipInfo("link")
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        unsafe(target.getvalue(), "zip-ambiguous")


def test_refuses_the_same_name_twice() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    with pytest.raises(Malformed, match="twice"):
        read(target.getvalue())


def test_refuses_overlapping_members() -> None:
    """Two entries of the directory for the same bytes, as in Fifield's bombs."""
    at = ONE.rindex(b"PK\x01\x02")
    with pytest.raises(Malformed, match=r"overlap|disagree|between"):
        read(ONE[: at + 42] + b"\0\0\0\0" + ONE[at + 46 :])


@pytest.mark.parametrize("name", ["a\\b", "a\0b", "..", ".", "a/../b", "a\u202eb", "a\nb"])
def test_refuses_names(name: str) -> None:
    with pytest.raises(Malformed):
        check_names([name])


def test_what_is_inside_is_looked_at() -> None:
    for method in (0, 8, 12):
        found = unsafe(zipped({"x/model.txt": OS_SYSTEM}, method), "pickle-global")
        assert found.findings[0].where == "file → x/model.txt"
    unsafe(zipped({"a": zipped({"b": OS_SYSTEM}, 8)}, 8), "pickle-global")


def test_other_methods_are_not_looked_into() -> None:
    unsafe(zipped({"a": b"hello"}, zipfile.ZIP_LZMA), "damaged")


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    bomb = zipped({"a": bytes(50 << 20)}, 8)
    found = look_at(bomb, expanded=1 << 20)
    assert found.outcome is Outcome.unsafe
    assert [one.rule for one in found.findings] == ["too-large"]
    nested = b"hello"
    for _ in range(12):
        nested = zipped({"a": nested})
    assert "too-deep" in {one.rule for one in look_at(nested).findings}


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(ONE) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed_where_python_sees_it(at: int, change: int) -> None:
    """What is still accepted is read by Python as the same members."""
    data = ONE[:at] + bytes([ONE[at] ^ change]) + ONE[at + 1 :]
    try:
        found = read(data)
    except Malformed:
        return
    assert found == by_python(data)
