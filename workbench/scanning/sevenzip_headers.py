"""What the headers of a 7-Zip archive say, read so strictly that no two readers could disagree.

The format has room for much that no program writes any more; each part is taken once, in its
order, to the last byte, and what has no place in a model is said not to be understood
(7zFormat.txt of the LZMA SDK, 18.06).
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.scanning.contract import Budget
from workbench.scanning.streams import Malformed
from workbench.scanning.zips import MAX_MEMBERS

__all__ = ["Coder", "Entry", "Folder", "NotUnderstood", "Streams", "read_entries", "read_streams"]

_END, _HEADER, _MAIN, _FILES, _PACKED, _FOLDERS, _SUBSTREAMS = 0, 1, 4, 5, 6, 7, 8
_SIZES, _CHECKSUMS, _FOLDER, _UNPACKED, _COUNTS = 9, 10, 11, 12, 13
_EMPTY_STREAM, _EMPTY_FILE, _ANTI, _NAMES, _ATTRIBUTES, _FILLING = 14, 15, 16, 17, 21, 25
_TIMES = (18, 19, 20)
MAX_CODERS = 4
_PROPERTIES = 64  # bytes of a coder's settings; five are the most that any needs
# Attributes of Windows, the upper half being the mode of a file on Unix if the lower says so.
_IS_FOLDER, _ELSEWHERE, _UNIX = 0x10, 0x40 | 0x400, 0x8000
_PLAIN, _UNIX_FOLDER = 0x8000, 0x4000
_MISPLACED = "a part of its header is missing, or is not where it should be"


class NotUnderstood(Exception):
    """The archive uses a part of the format that is not understood here; the message says which."""


@dataclass(frozen=True)
class Coder:
    """One step of unpacking: the number of the method, and its settings."""

    method: bytes
    settings: bytes
    size: int


@dataclass(frozen=True)
class Folder:
    """Packed data of one or more files.

    Attributes:
        start: where the packed data are, from the end of the first header.
        packed: bytes of them.
        checksum: CRC-32 of the packed data, if it is said.
        coders: steps from the packed data to the files'.
        files: size and CRC-32 of each file in it, one after the other; of what a packed header
            comes to, some programs give no checksum.
    """

    start: int
    packed: int
    checksum: int | None
    coders: tuple[Coder, ...]
    files: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class Streams:
    """All packed data: the folders, one after the other without gaps, from ``start`` to ``end``."""

    start: int
    end: int
    folders: tuple[Folder, ...]


@dataclass(frozen=True)
class Entry:
    """A file or a folder of files: its name, and whether there are any bytes of it."""

    name: str
    folder: bool
    filled: bool


class _Fields:
    """The fields of a header, in turn."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data = data
        self._position = 0
        self.budget = budget

    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, size: int) -> bytes:
        self.budget.spend()
        if size > self.left():
            raise Malformed("its header is cut off")
        self._position += size
        return self._data[self._position - size : self._position]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """A number of up to 64 bits: as many bytes follow the first as that has leading ones."""
        first = self.byte()
        extra = 8 - (first ^ 0xFF).bit_length()
        low = int.from_bytes(self.take(extra), "little")
        return ((first & (0x7F >> extra)) << 8 * extra) + low

    def count(self, most: int = MAX_MEMBERS) -> int:
        found = self.number()
        if found > most:
            raise Malformed("it has too many parts")
        return found

    def must(self, byte: int) -> None:
        if self.byte() != byte:
            raise Malformed(_MISPLACED)

    def inside(self) -> None:
        """What follows is here, and not packed somewhere else."""
        if self.byte():
            raise NotUnderstood("a part of its header is packed apart")

    def bits(self, count: int) -> list[bool]:
        data = self.take((count + 7) // 8)
        found = [bool(data[i // 8] & 0x80 >> i % 8) for i in range(count)]
        if count % 8 and data[-1] & 0xFF >> count % 8:
            raise Malformed("its header can be read in two ways")
        return found

    def defined(self, count: int) -> list[bool]:
        """Which of the next values there are."""
        whole = self.byte()
        if whole > 1:
            raise Malformed("its header can be read in two ways")
        return [True] * count if whole else self.bits(count)

    def checksums(self, count: int) -> list[int | None]:
        return [int.from_bytes(self.take(4), "little") if there else None
                for there in self.defined(count)]  # fmt: skip


def read_streams(data: bytes, budget: Budget) -> Streams:
    """Return what the header of a packed header says, after its first byte.

    Raises:
        Malformed: damaged.
        NotUnderstood: a part of the format that is not understood here.
        Exhausted: as the budget says.
    """
    fields = _Fields(data, budget)
    found = _streams(fields)
    if fields.left():
        raise Malformed("there is something after its header")
    return found


def read_entries(data: bytes, budget: Budget) -> tuple[Streams, list[Entry]]:
    """Return what a header says, after its first byte: the packed data, and the files in order.

    Raises:
        As :func:`read_streams` does.
    """
    fields = _Fields(data, budget)
    kind = fields.byte()
    found = Streams(0, 0, ())
    if kind == _MAIN:
        found = _streams(fields)
        kind = fields.byte()
    files: list[Entry] = []
    if kind == _FILES:
        files = _files(fields)
        kind = fields.byte()
    if kind != _END:
        raise NotUnderstood("its header says more than what is in it")
    if fields.left():
        raise Malformed("there is something after its header")
    if sum(one.filled for one in files) != sum(len(folder.files) for folder in found.folders):
        raise Malformed("it has more files than contents, or more contents than files")
    if any(checksum is None for folder in found.folders for _, checksum in folder.files):
        raise NotUnderstood("a file in it has no checksum")
    return found, files


def _streams(fields: _Fields) -> Streams:
    fields.must(_PACKED)
    start, count = fields.number(), fields.count()
    sizes: list[int] = []
    kind = fields.byte()
    if kind == _SIZES:
        sizes = [fields.number() for _ in range(count)]
        kind = fields.byte()
    checksums: list[int | None] = [None] * count
    if kind == _CHECKSUMS:
        checksums = fields.checksums(count)
        kind = fields.byte()
    if kind != _END or len(sizes) != count:
        raise Malformed(_MISPLACED)
    fields.must(_FOLDERS)
    fields.must(_FOLDER)
    if fields.count() != count:
        raise NotUnderstood("something in it is packed as several streams")
    fields.inside()
    chains = [_chain(fields) for _ in range(count)]
    fields.must(_UNPACKED)
    coders = [[Coder(*one, fields.number()) for one in found] for found, _ in chains]
    wholes: list[int | None] = [None] * count
    kind = fields.byte()
    if kind == _CHECKSUMS:
        wholes = fields.checksums(count)
        kind = fields.byte()
    if kind != _END:
        raise Malformed(_MISPLACED)
    steps = [tuple(found[i] for i in order)
             for found, (_, order) in zip(coders, chains, strict=True)]  # fmt: skip
    files = _substreams(fields, [chain[-1].size for chain in steps], wholes)
    folders = []
    place = start
    for i in range(count):
        folders.append(Folder(place, sizes[i], checksums[i], steps[i], files[i]))
        place += sizes[i]
    return Streams(start, place, tuple(folders))


def _chain(fields: _Fields) -> tuple[list[tuple[bytes, bytes]], list[int]]:
    """Return the coders of a folder, and the order in which data run through them."""
    count = fields.count(MAX_CODERS)
    coders = []
    for _ in range(count):
        flags = fields.byte()
        if flags & 0xD0:
            raise NotUnderstood("something in it is packed as several streams")
        method = fields.take(flags & 0x0F)
        settings = fields.take(fields.count(_PROPERTIES)) if flags & 0x20 else b""
        coders.append((method, settings))
    into: dict[int, int] = {}  # coder: the one whose data it takes
    for _ in range(count - 1):
        taker, giver = fields.number(), fields.number()
        if taker in into or giver in into.values():
            raise Malformed("its parts are joined in a way that has no order")
        into[taker] = giver
    order = [i for i in range(count) if i not in into.values()][:1]
    while order and order[-1] in into and len(order) <= count:
        order.append(into[order[-1]])
    if len(order) != count or set(order) != set(range(count)):
        raise Malformed("its parts are joined in a way that has no order")
    return coders, order[::-1]


def _substreams(
    fields: _Fields, totals: list[int], wholes: list[int | None]
) -> list[tuple[tuple[int, int | None], ...]]:
    """Return sizes and checksums of the files in each folder, to the end of the streams."""
    kind = fields.byte()
    if kind == _END:
        return [((total, whole),) for total, whole in zip(totals, wholes, strict=True)]
    if kind != _SUBSTREAMS:
        raise Malformed(_MISPLACED)
    counts = [1] * len(totals)
    kind = fields.byte()
    if kind == _COUNTS:
        counts = [fields.count() for _ in totals]
        if not all(counts) or sum(counts) > MAX_MEMBERS:
            raise Malformed("it has too many parts, or an empty one")
        kind = fields.byte()
    sizes: list[list[int]] = [[] for _ in counts]
    if kind == _SIZES:
        sizes = [[fields.number() for _ in range(count - 1)] for count in counts]
        kind = fields.byte()
    for count, total, said in zip(counts, totals, sizes, strict=True):
        said.append(total - sum(said))
        if len(said) != count or said[-1] < 0:
            raise Malformed("the sizes of its files do not fit")
    known: list[list[int | None]] = [[whole] if count == 1 else [None] * count
             for count, whole in zip(counts, wholes, strict=True)]  # fmt: skip
    if kind == _CHECKSUMS:
        asked = [(i, j) for i, row in enumerate(known) for j, one in enumerate(row) if one is None]
        for (i, j), found in zip(asked, fields.checksums(len(asked)), strict=True):
            known[i][j] = found
        kind = fields.byte()
    if kind != _END or fields.byte() != _END:
        raise Malformed(_MISPLACED)
    return [tuple(zip(said, row, strict=True)) for said, row in zip(sizes, known, strict=True)]


def _files(fields: _Fields) -> list[Entry]:
    count = fields.count()
    empty, hollow = [False] * count, None
    names: list[str] | None = None
    attributes: list[int | None] = [None] * count
    seen: set[int] = set()
    while (kind := fields.byte()) != _END:
        inner = _Fields(fields.take(fields.number()), fields.budget)
        if kind in seen and kind != _FILLING:
            raise Malformed("its header says something twice")
        seen.add(kind)
        if kind == _EMPTY_STREAM:
            empty = inner.bits(count)
        elif kind == _EMPTY_FILE and _EMPTY_STREAM in seen:
            hollow = inner.bits(sum(empty))
        elif kind == _ANTI:
            raise NotUnderstood("it takes files away when it is unpacked")
        elif kind == _NAMES:
            names = _names(inner, count)
        elif kind == _ATTRIBUTES:
            there = inner.defined(count)
            inner.inside()
            attributes = [int.from_bytes(inner.take(4), "little") if one else None for one in there]
        elif kind in _TIMES:
            there = inner.defined(count)
            inner.inside()
            inner.take(8 * sum(there))
        elif kind == _FILLING and not inner.take(inner.left()).strip(b"\0"):
            continue
        else:
            raise NotUnderstood("its header says something that has no place")
        if inner.left():
            raise Malformed("a part of its header is longer than what it says")
    if names is None:
        raise NotUnderstood("its files have no names")
    left = iter(hollow or [False] * sum(empty))
    folders = [nothing and not next(left) for nothing in empty]
    for folder, attribute in zip(folders, attributes, strict=True):
        _check_plain(attribute, folder=folder)
    return [Entry(name, folder, not nothing)
            for name, folder, nothing in zip(names, folders, empty, strict=True)]  # fmt: skip


def _names(inner: _Fields, count: int) -> list[str]:
    inner.inside()
    data = inner.take(inner.left())
    try:
        names = data.decode("utf-16-le").split("\0")
    except UnicodeDecodeError:
        raise Malformed("a name in it can be read in two ways") from None
    if names.pop() or len(names) != count:
        raise Malformed("it has more files than names, or more names than files")
    return names


def _check_plain(attribute: int | None, *, folder: bool) -> None:
    """Refuse links and devices, and a folder that some readers take for a file."""
    if attribute is None:
        return
    mode = attribute >> 16 & 0xF000 if attribute & _UNIX else 0
    if attribute & _ELSEWHERE or mode not in (0, _UNIX_FOLDER if folder else _PLAIN):
        raise NotUnderstood("it holds a link, a device or another kind of file")
    if bool(attribute & _IS_FOLDER) != folder:
        raise Malformed("a folder in it could be taken for a file")
