"""PDF files: documents are safe, and what acts in them is found however it is written."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import OS_SYSTEM, look_at, rules, unsafe, zipped
from workbench.findings.scan import Outcome

TEXT = b"BT /F1 24 Tf 100 700 Td (Hello \\(world\\)) Tj ET"


def stream(data: bytes, said: bytes = b"", *, packed: bool = True) -> bytes:
    """A stream of an object, Flate data if it is packed."""
    data = zlib.compress(data) if packed else data
    said += b"/Filter /FlateDecode " if packed else b""
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (said, len(data), data)


def pdf(*objects: bytes, root: bytes = b"", trailer: bytes = b"") -> bytes:
    """A document of a page: objects 1 to 5, then others, then where they are."""
    every = [
        b"<< /Type /Catalog /Pages 2 0 R %b >>" % root,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        stream(TEXT),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /AAAAAA+Helvetica % a font\n >>",
        *objects,
    ]
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, one in enumerate(every, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, one))
    start = out.tell()
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(every) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %b >>\n" % (size, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def objects(*values: bytes, said: bytes = b"", packed: bool = True) -> bytes:
    """A stream of objects 20, 21, …."""
    places = b" ".join(
        b"%d %d" % (20 + i, sum(len(one) + 1 for one in values[:i])) for i in range(len(values))
    )
    body = places + b"\n" + b"\n".join(values)
    about = b"/Type /ObjStm /N %d /First %d " % (len(values), len(places) + 1)
    return stream(body, about + said, packed=packed)


GO_TO = b"<< /Type /Action /S /GoTo /D [3 0 R /XYZ 0 842 null] >>"
LINK = b"<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://example.org/JS) >> >>"
DOCUMENTS = {
    "a page": pdf(),
    "a link": pdf(LINK),
    "opens at a place": pdf(root=b"/OpenAction [3 0 R /Fit]"),
    "goes to a place": pdf(root=b"/OpenAction " + GO_TO),
    "goes to a place by reference": pdf(GO_TO, root=b"/OpenAction 6 0 R"),
    "goes to a place in a stream": pdf(objects(b"null", GO_TO), root=b"/OpenAction 21 0 R"),
    "place by reference": pdf(b"[3 0 R /Fit]", root=b"/OpenAction 6 0 R"),
    "objects in a stream": pdf(objects(b"<< /a 1 >>", LINK)),
    "objects in a stream that is not packed": pdf(objects(LINK, packed=False)),
    "a picture": pdf(stream(bytes(range(256)), b"/DecodeParms << /Predictor 15 >> ")),
    "a picture as it was": pdf(stream(b"\xff\xd8\xff", b"/Filter /DCTDecode ", packed=False)),
    "text in letters": pdf(
        stream(b"GhQ~>", b"/Filter [/ASCII85Decode /FlateDecode] ", packed=False)),
    "odd texts": pdf(
        b"<< /Title (a \\) b (c) obj) /ID [<00ff> <>] % >> stream\n /X [[1] << >>] >>"),
}  # fmt: skip


@pytest.mark.parametrize("data", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_documents_are_safe(data: bytes) -> None:
    found = look_at(data)
    assert (found.kind, found.outcome, found.findings) == ("pdf", Outcome.safe, ()), found


SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
ACTS = {
    "JavaScript": SCRIPT,
    "JS": b"<< /S 7 0 R /JS 8 0 R >>",
    "Launch": b"<< /S /Launch /F (run.exe) >>",
    "AA": b"<< /AA << /O 6 0 R >> >>",
    "EmbeddedFile": b"<< /Type /EmbeddedFile /Length 0 >>",
    "EmbeddedFiles": b"<< /EmbeddedFiles 7 0 R >>",
    "EF": b"<< /Type /Filespec /EF << /F 7 0 R >> >>",
    "RichMedia": b"<< /Subtype /RichMedia >>",
    "XFA": b"<< /XFA [(a) 7 0 R] >>",
    "SubmitForm": b"<< /S /SubmitForm /F (https://example.org) >>",
    "ImportData": b"<< /S /ImportData /F (a.fdf) >>",
    "GoToE": b"<< /S /GoToE >>",
    "GoToR": b"<< /S /GoToR /F (\\\\\\\\host\\\\share) >>",
    "Encrypt": b"<< /Encrypt 7 0 R >>",
    "Rendition": b"<< /S/Rendition/OP 0 >>",
}
each = pytest.mark.parametrize(("name", "made"), ACTS.items(), ids=ACTS.keys())


def acts(data: bytes, name: str) -> None:
    found = unsafe(data, "pdf-acts")
    assert f"/{name}" in [one.what for one in found.findings if one.rule == "pdf-acts"]


@each
def test_what_acts_is_found(name: str, made: bytes) -> None:
    acts(pdf(made), name)
    acts(pdf(objects(b"null", made)), name)
    acts(pdf(objects(made, packed=False)), name)


@each
def test_what_acts_is_found_by_the_numbers_of_its_letters(name: str, made: bytes) -> None:
    for size in (1, 2, len(name)):
        written = b"".join(
            b"#%02x" % ord(c) if i < size else c.encode() for i, c in enumerate(name)
        )
        for hidden in (written, written.replace(b"#4a", b"#4A")):
            changed = made.replace(b"/" + name.encode(), b"/" + hidden)
            acts(pdf(changed), name)
            acts(pdf(objects(changed)), name)


def test_longer_names_are_others() -> None:
    for name in ACTS:
        longer = b"<< /%bX << >> /X%b 1 /A (%b) >>" % ((name.encode(),) * 3)
        assert look_at(pdf(longer, objects(longer))).outcome is Outcome.safe, name


@pytest.mark.parametrize(
    ("root", "more"),
    [
        (b"/OpenAction << /S /URI /URI (https://example.org) >>", []),
        (b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next 7 0 R >>", []),
        (b"/OpenAction << /S /GoTo /D [", []),
        (b"/OpenAction 6 0 R", [b"<< /S /URI /URI (https://example.org) >>"]),
        (b"/OpenAction 6 0 R", [GO_TO, b"null endobj 6 0 obj << /S /Named /N /Print >>"]),
        (b"/OpenAction 20 0 R", [objects(b"<< /S /URI >>")]),
        (b"/OpenAction 9 0 R", []),
        (b"/Open#41ction (x)", []),
        (b" ".join(b"/OpenAction %d 0 R" % (6 + n) for n in range(17)), [GO_TO] * 17),
    ],
)
def test_opening_may_do_no_more_than_show_a_page(root: bytes, more: list[bytes]) -> None:
    acts(pdf(*more, root=root), "OpenAction")


HEXED = SCRIPT.hex().encode() + b">"
UNSEEN = {
    "in digits": stream(
        b"20 0 " + HEXED, b"/Type /ObjStm /N 1 /First 5 /Filter /ASCIIHexDecode ", packed=False
    ),
    "by another name": stream(HEXED, b"/N 1 /First 5 /#46ilter /AHx ", packed=False),
    "packed twice": objects(SCRIPT, said=b"/Filter /FlateDecode "),
    "by reference": stream(HEXED, b"/Type /ObjStm /N 1 /First 5 /Filter 7 0 R ", packed=False),
    "as rows": objects(b"null", said=b"/DecodeParms << /Predictor 12 >> "),
    "from elsewhere": objects(b"null", said=b"/F (other.pdf) "),
    "not to its end": objects(b"null").replace(b"\nendstream", b"").replace(b"x\x9c", b"x\x9d", 1),
    "no start": objects(b"null").replace(b"stream\n", b"stream x\n", 1),
    "brackets": b"<< /X [ >> ] /Type /ObjStm >>",
    "odd digits": b"<< /X <(<> /Type /ObjStm >> stream\n) >>",
    "no end": b"<< /X (",
    "a bracket too many": b"<< /X ) >>",
    "deep": b"<< /X " * 200 + b">>" * 200,
    "deep text": b"<< /X " + b"(" * 200 + b")" * 200 + b">>",
}


@pytest.mark.parametrize("made", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_cannot_be_seen_is_refused(made: bytes) -> None:
    unsafe(pdf(made), "damaged")


def test_decoys_do_not_hide_a_stream() -> None:
    """Every place where an object could start is tried, in texts and remarks too."""
    body = b"20 0 " + HEXED
    for decoy in (b"/X (obj) ", b"% obj <<\n", b"/X (endobj 9 0 obj << >>) "):
        said = b"/Type /ObjStm /N 1 /First 5 " + decoy + b"/Filter /ASCIIHexDecode "
        unsafe(pdf(stream(body, said, packed=False)), "damaged")
    said = b"/Type /ObjStm /Filter /ASCIIHexDecode % obj <<\n /N 1 /First 5 "
    unsafe(pdf(stream(body, said, packed=False)), "damaged")


def test_nothing_may_come_after_the_end() -> None:
    unsafe(pdf() + b"x", "damaged")
    unsafe(pdf()[:-8], "damaged")
    unsafe(pdf() + zipped({"a": OS_SYSTEM}), "polyglot")
    assert look_at(pdf() + b"\r\n\0 ").outcome is Outcome.safe


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    data = pdf(stream(bytes(8 << 20)))
    assert look_at(data).outcome is Outcome.safe
    assert "too-large" in rules(look_at(data, expanded=1 << 20))
    assert "too-large" in rules(look_at(data + bytes(65 << 20)))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 2000), patch=st.binary(min_size=1, max_size=6))
def test_changed_documents_are_handled(at: int, patch: bytes) -> None:
    data = pdf(objects(GO_TO, LINK), root=b"/OpenAction 20 0 R")
    at %= len(data)
    assert look_at(data[:at] + patch + data[at + len(patch) :]).outcome in Outcome


PARTS = [b"obj", b"<<", b">>", b"(", b")", b"[", b"]", b"<", b">", b"%", b"stream\n", b"\n",
         b"/OpenAction", b" 1 0 R", b"\\", b"x\x9c"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PARTS)))
def test_any_parts_are_handled(parts: list[bytes]) -> None:
    assert look_at(b"%PDF-" + b"".join(parts) + b"%%EOF").outcome in Outcome
