"""7-Zip archives: read as another program writes them, and nothing in them left unseen."""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Iterable

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import OS_SYSTEM, look_at, rules, unsafe
from workbench.findings.scan import FileScan, Outcome
from workbench.scanning.contract import Budget, Limits, Scan
from workbench.scanning.sevenzip import scan_sevenzip
from workbench.scanning.sevenzip_coders import LARGEST_DICTIONARY
from workbench.scanning.unpacking import IN_MEMORY

MAGIC = b"7z\xbc\xaf\x27\x1c"
FILES = {"a.csv": b"a,b\n1,2\n" * 30, "notes/b.txt": b"words " * 99, "notes/c.txt": b"x"}
LZMA2 = {"id": py7zr.FILTER_LZMA2, "preset": 1}
LZMA = {"id": py7zr.FILTER_LZMA, "preset": 1}
CHAINS = {
    "copy": [{"id": py7zr.FILTER_COPY}],
    "lzma": [LZMA],
    "lzma2": [LZMA2],
    "deflate": [{"id": py7zr.FILTER_DEFLATE}],
    "bzip2": [{"id": py7zr.FILTER_BZIP2}],
    "delta": [{"id": py7zr.FILTER_DELTA}, LZMA2],
    "x86 before LZMA": [{"id": py7zr.FILTER_X86}, LZMA],
    "x86": [{"id": py7zr.FILTER_X86}, LZMA2],
    "arm": [{"id": py7zr.FILTER_ARM}, LZMA2],
    "arm thumb": [{"id": py7zr.FILTER_ARMTHUMB}, LZMA2],
    "powerpc": [{"id": py7zr.FILTER_POWERPC}, LZMA],
    "sparc": [{"id": py7zr.FILTER_SPARC}, LZMA2],
}
each = pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS.keys())
CALLS = bytes(range(256)) + b"\xe8\0\1\0\0" * 20 + b"\x94\0\0\xeb" * 20 + b"\x48\0\1\1" * 20


def archived(
    files: dict[str, bytes], chain: object = None, *, packed: bool = True, password: str = ""
) -> bytes:
    """An archive as py7zr writes it, with its header packed or plain."""
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", filters=chain, password=password or None) as archive:
        archive.set_encoded_header_mode(packed)
        for name, data in files.items():
            archive.writef(io.BytesIO(data), name)
    return target.getvalue()


def read(data: bytes, limits: Limits | None = None) -> tuple[dict[str, bytes], Scan]:
    """What is handed on to be looked at, and what is said of the archive."""
    found = {}

    def look(stream: io.BufferedIOBase, place: str, budget: Budget) -> Scan:
        stream.seek(0)
        found[place.removeprefix("file → ")] = stream.read()
        return Scan("text")

    spent = Budget(lambda: 0.0, limits or Limits())
    return found, scan_sevenzip(io.BytesIO(data), "file", spent, look=look)  # type: ignore[arg-type]


def said(data: bytes) -> str:
    """Why an archive is refused."""
    found = look_at(data)
    assert found.outcome is Outcome.unsafe, found
    (one,) = [one for one in found.findings if one.rule in ("damaged", "not-looked-into")]
    assert one.remedy
    return one.why.partition(": ")[2].rstrip(".")


@each
@pytest.mark.parametrize("packed", [True, False])
def test_reads_what_another_program_writes(chain: object, packed: bool) -> None:
    files = FILES | {"program": CALLS * 30, "empty": b""}
    found, scan = read(archived(files, chain, packed=packed))
    assert (found, scan.findings) == (files, [])


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.text("abcé雪", min_size=1, max_size=5), st.binary(max_size=400), max_size=5),
    st.sampled_from(list(CHAINS)),
)
def test_reads_any_files_that_are_written(files: dict[str, bytes], chain: str) -> None:
    found, scan = read(archived(files, CHAINS[chain]))
    assert (found, scan.findings) == (files, [])


def test_looks_into_the_files() -> None:
    found = look_at(archived(FILES))
    assert (found.kind, found.outcome) == ("7z", Outcome.safe), found
    found = unsafe(archived(FILES | {"m/data.pkl": OS_SYSTEM}), "pickle-global")
    assert found.findings[0].where == "file → m/data.pkl"
    inner = archived({"model.7z": archived({"data.pkl": OS_SYSTEM})}, CHAINS["copy"])
    assert "pickle-global" in rules(look_at(inner))


@pytest.mark.parametrize("chain", ["copy", "lzma", "x86", "deflate"])
def test_each_change_of_a_byte_is_refused_or_changes_nothing(chain: str) -> None:
    data = archived(FILES, CHAINS[chain], packed=False)
    for at in range(len(data)):
        for value in (data[at] ^ 0xFF, data[at] ^ 1):
            found, scan = read(data[:at] + bytes([value]) + data[at + 1 :])
            assert scan.findings or found == FILES, at


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_header_is_handled(drawn: st.DataObject) -> None:
    """Checksums are made to fit, so that what is behind them is reached."""
    header = bytearray(PLAIN)
    for _ in range(drawn.draw(st.integers(1, 4))):
        at = drawn.draw(st.integers(0, len(header) - 1))
        header[at : at + drawn.draw(st.integers(0, 2))] = drawn.draw(st.binary(max_size=2))
    assert look_at(framed(b"hello", bytes(header))).outcome in Outcome


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_handled(data: bytes) -> None:
    assert look_at(MAGIC + data).outcome is Outcome.unsafe
    assert look_at(framed(b"", data)).outcome in Outcome


def framed(packed: bytes, header: bytes, minor: int = 4) -> bytes:
    """An archive of packed data and a header whose checksum fits."""
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return (
        MAGIC + bytes([0, minor]) + struct.pack("<I", zlib.crc32(start)) + start + packed + header
    )


def number(value: int) -> bytes:
    """A number as the format writes it, in its longest form where it is not short."""
    return bytes([value]) if value < 0x80 else b"\xff" + struct.pack("<Q", value)


def coder(method: bytes, properties: bytes = b"") -> bytes:
    flags = len(method) | (0x20 if properties else 0)
    return bytes([flags]) + method + (number(len(properties)) + properties if properties else b"")


COPY = b"\1" + coder(b"\0")


def packing(size: int, chain: bytes = COPY, sizes: Iterable[int] = (5,), at: int = 0) -> bytes:
    """Where packed data are, and how they are packed, for one folder."""
    where = b"\6" + number(at) + b"\1\x09" + number(size) + b"\0"
    return where + b"\7\x0b\1\0" + chain + b"\x0c" + b"".join(map(number, sizes)) + b"\0"


def checks(*data: bytes) -> bytes:
    return b"\x0a\1" + b"".join(struct.pack("<I", zlib.crc32(one)) for one in data)


def naming(*names: str) -> bytes:
    data = b"\0" + b"".join(name.encode("utf-16-le", "surrogatepass") + b"\0\0" for name in names)
    return b"\x11" + number(len(data)) + data


def header(streams: bytes, files: bytes, count: int = 1) -> bytes:
    main = b"\4" + streams + b"\0" if streams else b""
    return b"\1" + main + b"\5" + number(count) + files + b"\0\0"


def attributes(*values: int) -> bytes:
    data = b"\1\0" + b"".join(struct.pack("<I", value) for value in values)
    return b"\x15" + number(len(data)) + data


HELLO = packing(5) + b"\x08" + checks(b"hello") + b"\0"
PLAIN = header(HELLO, naming("a"))
TWO = packing(5) + b"\x08\x0d\2\x09\2" + checks(b"he", b"llo") + b"\0"


def test_reads_what_is_written_by_hand() -> None:
    found, scan = read(framed(b"hello", PLAIN))
    assert (found, scan.findings) == ({"a": b"hello"}, [])
    found, scan = read(framed(b"hello", header(TWO, naming("a", "b"), 2)))
    assert (found, scan.findings) == ({"a": b"he", "b": b"llo"}, [])
    rest = b"\x0e\1\xe0\x0f\1\x40" + naming("d", "e", "d/f", "a") + attributes(16, 32, 16, 32)
    found, scan = read(framed(b"hello", header(HELLO, rest + b"\x19\2\0\0", 4)))
    assert (found, scan.findings) == ({"a": b"hello"}, [])
    assert read(framed(b"", b""))[1].findings == []
    times = b"\x14\x0a\1\0" + bytes(8)
    unix = attributes(0x8020 | 0o100644 << 16)
    assert read(framed(b"hello", header(HELLO, naming("a") + times + unix)))[0] == {"a": b"hello"}


def chained(*coders: bytes, pairs: bytes = b"") -> bytes:
    return bytes([len(coders)]) + b"".join(coders) + pairs


BCJ2 = b"\1\x14\x03\x03\x01\x1b\4\1"
WIDE = b"\1" + coder(b"\x03\x01\x01", b"\x5d" + struct.pack("<I", LARGEST_DICTIONARY + 1))
AES = b"\1" + coder(b"\x06\xf1\x07\x01", bytes(4))


def hello(chain: bytes, *sizes: int) -> bytes:
    return header(
        packing(5, chain, sizes or (5,)) + b"\x08" + checks(b"hello") + b"\0", naming("a")
    )


REFUSED = {
    "encrypted": (hello(AES), "it is encrypted"),
    "PPMd": (hello(b"\1" + coder(b"\x03\x04\x01", bytes(5))), "packed with PPMd"),
    "BCJ2": (hello(BCJ2), "several streams"),
    "unknown method": (hello(b"\1" + coder(b"\x7f")), "not known"),
    "a copy with settings": (hello(b"\1" + coder(b"\0", b"x")), "not known"),
    "much memory": (hello(WIDE), "more memory"),
    "much memory, LZMA2": (hello(b"\1" + coder(b"\x21", b"\x28")), "more memory"),
    "odd LZMA": (hello(b"\1" + coder(b"\x03\x01\x01", b"\xff" + bytes(4))), "settings"),
    "a ring": (hello(chained(coder(b"\0"), coder(b"\0"), pairs=b"\0\0"), 5, 5), "no order"),
    "copied twice": (hello(chained(coder(b"\0"), coder(b"\0"), pairs=b"\0\1"), 5, 5), "not known"),
    "five methods": (hello(b"\5" + coder(b"\0") * 5), "too many parts"),
    "sizes apart": (
        hello(chained(coder(b"\3", b"\0"), coder(b"\0"), pairs=b"\0\1"), 4, 5), "sizes"),
    "a filter alone": (hello(b"\1" + coder(b"\3", b"\0")), "not known"),
    "a gap": (header(packing(4, at=1, sizes=(4,)) + b"\x08" + checks(b"ello") + b"\0",
                     naming("a")), "between its parts"),
    "a rest": (header(packing(4, sizes=(4,)) + b"\x08" + checks(b"hell") + b"\0", naming("a")),
               "between its parts"),
    "no checksum": (header(packing(5), naming("a")), "no checksum"),
    "wrong checksum": (header(packing(5) + b"\x08" + checks(b"hallo") + b"\0", naming("a")),
                       "checksum"),
    "wrong packed checksum": (
        header(HELLO.replace(b"\x09\5\0", b"\x09\5" + checks(b"x") + b"\0", 1), naming("a")),
        "checksum of what is packed"),
    "longer": (hello(COPY, 4), "another size"),
    "shorter": (hello(COPY, 6), "another size"),
    "two files, one name": (header(TWO, naming("a"), 2), "more files than names"),
    "the same twice": (header(TWO, naming("a", "A"), 2), "comes twice"),
    "more files": (header(HELLO, naming("a", "b"), 2), "more files than contents"),
    "out of the folder": (header(HELLO, naming("../a")), "leads outside"),
    "from the root": (header(HELLO, naming("/a")), "leads outside"),
    "another drive": (header(HELLO, naming("C:a")), "characters"),
    "half a letter": (header(HELLO, naming("\ud800")), "two ways"),
    "no name": (header(HELLO, b""), "no names"),
    "a name twice": (header(HELLO, naming("a") + naming("b")), "says something twice"),
    "link": (header(HELLO, naming("a") + attributes(0x8020 | 0o120777 << 16)), "a link"),
    "link of Windows": (header(HELLO, naming("a") + attributes(0x420)), "a link"),
    "device": (header(HELLO, naming("a") + attributes(0x8020 | 0o060666 << 16)), "a link"),
    "folder with contents": (header(HELLO, naming("a") + attributes(0x10)), "taken for a file"),
    "taken away": (header(b"", b"\x0e\1\x80\x10\1\x80" + naming("a")), "takes files away"),
    "comment": (header(HELLO, naming("a") + b"\x16\2\0\0"), "no place"),
    "places": (header(HELLO, naming("a") + b"\x18\2\1\0"), "no place"),
    "filling": (header(HELLO, naming("a") + b"\x19\1x"), "no place"),
    "names elsewhere": (header(HELLO, b"\x11\2\1\0"), "packed apart"),
    "long property": (header(HELLO, naming("a") + b"\x14\x0b\1\0" + bytes(9)), "longer than"),
    "properties": (b"\1\2\0" + PLAIN[1:], "more than what is in it"),
    "other streams": (b"\1\3" + HELLO + b"\0" + PLAIN[1:], "more than what is in it"),
    "something after": (PLAIN + b"\0", "after its header"),
    "many files": (header(HELLO, naming("a"), 1 << 40), "too many parts"),
    "many streams": (b"\1\4\6\0" + number(1 << 40), "too many parts"),
    "long header": (b"\1\4\6\0\1\x09", "cut off"),
    "loose bits": (header(b"", b"\x0e\1\x81" + naming("a")), "two ways"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_what_it_does_not_understand(made: bytes, why: str) -> None:
    assert why in said(framed(b"hello" if made.startswith(b"\1\4") else b"", made))


def test_nothing_may_come_before_or_after() -> None:
    data = archived(FILES)
    for changed in (data + b"\0", data[:-1], data[:32] + b"\0" + data[32:]):
        assert said(changed)
    assert "version" in said(framed(b"hello", PLAIN, minor=5))
    assert "first header" in said(MAGIC + b"\0\4" + bytes(24))


def test_a_packed_header_is_unpacked_once() -> None:
    data = archived(FILES)
    offset = struct.unpack("<Q", data[12:20])[0]
    where = data[32 + offset :]
    assert where[:1] == b"\x17"
    again = b"\x17" + packing(len(where), COPY, [len(where)], at=offset) + b"\0"
    assert "packed twice" in said(framed(data[32:], again))
    packed = lzma.compress(PLAIN, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2}])
    for size, checksum in ((len(PLAIN), checks(PLAIN)), (len(PLAIN), checks(b"x"))):
        streams = packing(len(packed), b"\1" + coder(b"\x21", b"\x18"), [size], at=5)
        streams = streams[:-1] + checksum + b"\0"
        found = read(framed(b"hello" + packed, b"\x17" + streams + b"\0"))
        assert bool(found[0]) is (checksum == checks(PLAIN))


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    data = archived({"zeros": bytes(40 << 20), "b": b"x"})
    found = look_at(data, expanded=1 << 20)
    assert rules(found) == {"too-large"}
    deep = archived({"a": b"hello"})
    for _ in range(9):
        deep = archived({"a.7z": deep}, CHAINS["copy"])
    assert "too-deep" in rules(look_at(deep))


def test_large_files_are_unpacked_again_rather_than_kept() -> None:
    rows = bytes(range(256)) * (1 << 10)
    large = b"".join(struct.pack("<H", n) + rows for n in range(IN_MEMORY // len(rows) + 1))
    data = archived({"a": b"first", "b": large, "c": b"last"}, CHAINS["copy"])
    found, scan = read(data)
    assert scan.findings == []
    assert found["b"] == large
    assert (found["a"], found["c"]) == (b"first", b"last")


def test_what_is_refused_says_what_to_do() -> None:
    found: FileScan = look_at(archived({"a": b"hello"}, password="secret"))
    assert rules(found) == {"not-looked-into"}
    assert "Unpack it" in found.findings[0].remedy
