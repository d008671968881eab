"""Writes the vectors beside it: `python -m tests.unit.ledger.vectors.generate`.

Origin: made for this project, with what is in `reference.py`. Nothing is imported from workbench,
so a mistake there cannot hide here. Each file changes one thing of something valid and is named
after that change; `expect` names the step that must refuse it and a word of the reason.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from tests.unit.ledger.vectors.reference import (
    LEAVES,
    NAME,
    b64,
    flip,
    flip_signature,
    leaf,
    line,
    node,
    note,
    path,
    proof,
    recode,
    refusal,
    root,
    text,
    vkey,
)

HERE = Path(__file__).parent
ORIGIN = "generate.py in this folder; key seeds are SHA-256 of the words in it"


def inclusions() -> dict[str, dict[str, Any]]:
    good: dict[str, Any] = {
        "leaf": LEAVES[5],
        "index": 5,
        "size": 13,
        "proof": path(5, LEAVES),
        "root": root(LEAVES),
    }
    right = path(12, LEAVES)
    edge = {**good, "leaf": LEAVES[12], "index": 12, "proof": right}
    steps = good["proof"]
    swapped = [steps[1], steps[0], *steps[2:]]
    step = "inclusion proof"
    other, short, long = (
        refusal(step, "another root"),
        refusal(step, "shorter"),
        refusal(step, "longer"),
    )
    shape = refusal(step, "not 32 bytes")
    return {
        "good": {**good, "expect": None},
        "good-right-edge": {**edge, "expect": None},
        "good-only-leaf": {
            "leaf": LEAVES[0],
            "index": 0,
            "size": 1,
            "proof": [],
            "root": LEAVES[0],
            "expect": None,
        },
        "wrong-leaf": {**good, "leaf": LEAVES[6], "expect": other},
        "wrong-index": {**good, "index": 4, "expect": other},
        "wrong-index-of-other-depth": {**good, "index": 12, "expect": long},
        "wrong-root": {**good, "root": root(LEAVES[:12]), "expect": other},
        "good-size-is-bound-by-the-checkpoint": {**good, "size": 12, "expect": None},
        "size-doubled": {**good, "size": 26, "expect": short},
        "size-halved": {**good, "size": 6, "expect": long},
        "index-beyond-size": {**good, "index": 13, "expect": refusal(step, "no entry 13")},
        "index-negative": {**good, "index": -1, "expect": refusal(step, "no entry -1")},
        "size-zero": {**good, "index": 0, "size": 0, "expect": refusal(step, "no entry 0")},
        "swapped-hashes": {**good, "proof": swapped, "expect": other},
        "reversed-proof": {**good, "proof": steps[::-1], "expect": other},
        "truncated-proof": {**good, "proof": steps[:-1], "expect": short},
        "empty-proof": {**good, "proof": [], "expect": short},
        "trailing-garbage": {**good, "proof": [*steps, LEAVES[0]], "expect": long},
        "leading-leaf": {**good, "proof": [LEAVES[5], *steps], "expect": long},
        "inserted-hash-at-right-edge": {**edge, "proof": [LEAVES[0], *right], "expect": long},
        "flipped-bit": {**good, "proof": [flip(steps[0]), *steps[1:]], "expect": other},
        "short-hash": {**good, "proof": [steps[0][:-1], *steps[1:]], "expect": shape},
        "long-root": {**good, "root": good["root"] + b"\0", "expect": shape},
        "node-as-leaf": {
            "leaf": node(LEAVES[0], LEAVES[1]),
            "index": 0,
            "size": 2,
            "proof": [LEAVES[0]],
            "root": root(LEAVES[:2]),
            "expect": other,
        },
    }


def consistencies() -> dict[str, dict[str, Any]]:
    good: dict[str, Any] = {
        "old": 6,
        "new": 13,
        "proof": proof(6, LEAVES),
        "old_root": root(LEAVES[:6]),
        "new_root": root(LEAVES),
    }
    power = {**good, "old": 8, "proof": proof(8, LEAVES), "old_root": root(LEAVES[:8])}
    same = {**good, "old": 13, "proof": [], "old_root": root(LEAVES)}
    empty = {**good, "old": 0, "proof": [], "old_root": root([])}
    steps = good["proof"]
    step = "consistency proof"
    earlier, later = refusal(step, "earlier root"), refusal(step, "later root")
    short, long = refusal(step, "shorter"), refusal(step, "longer")
    changed = [LEAVES[1], LEAVES[0], *LEAVES[2:]]
    return {
        "good": {**good, "expect": None},
        "good-power-of-two": {**power, "expect": None},
        "good-same-size": {**same, "expect": None},
        "good-from-empty": {**empty, "expect": None},
        "swapped-roots": {
            **good,
            "old_root": good["new_root"],
            "new_root": good["old_root"],
            "expect": earlier,
        },
        "rewritten-history": {
            **good,
            "proof": proof(6, changed),
            "new_root": root(changed),
            "expect": earlier,
        },
        "wrong-later-root": {**good, "new_root": root(LEAVES[:12]), "expect": later},
        "wrong-earlier-root": {**good, "old_root": root(LEAVES[:5]), "expect": earlier},
        "wrong-earlier-size": {**good, "old": 5, "expect": short},
        "wrong-later-size": {**good, "new": 20, "expect": short},
        "shrunk": {**good, "old": 13, "new": 6, "expect": refusal(step, "shrank")},
        "negative-size": {**good, "old": -1, "expect": refusal(step, "shrank")},
        "truncated-proof": {**good, "proof": steps[:-1], "expect": short},
        "empty-proof": {**good, "proof": [], "expect": refusal(step, "empty although")},
        "empty-proof-power-of-two": {**power, "proof": [], "expect": short},
        "trailing-garbage": {**good, "proof": [*steps, LEAVES[0]], "expect": long},
        "old-root-repeated-power-of-two": {
            **power,
            "proof": [power["old_root"], *power["proof"]],
            "expect": long,
        },
        "proof-for-same-size": {**same, "proof": steps, "expect": refusal(step, "nothing has to")},
        "proof-from-empty": {**empty, "proof": steps, "expect": refusal(step, "nothing has to")},
        "forked-same-size": {
            **same,
            "old_root": root(changed),
            "expect": refusal(step, "two different"),
        },
        "empty-with-another-root": {
            **empty,
            "old_root": LEAVES[0],
            "expect": refusal(step, "two different"),
        },
        "both-empty-with-another-root": {
            **empty,
            "new": 0,
            "new_root": LEAVES[0],
            "expect": refusal(step, "not that of"),
        },
        "flipped-bit-first": {**good, "proof": [flip(steps[0]), *steps[1:]], "expect": earlier},
        "flipped-bit-last": {**good, "proof": [*steps[:-1], flip(steps[-1])], "expect": later},
        "short-hash": {**good, "proof": [steps[0][1:], *steps[1:]], "expect": refusal(step, "32")},
    }


def checkpoints() -> dict[str, dict[str, Any]]:
    value = root(LEAVES)
    body = text(13, value)
    good = note(body)
    ours = line(body)
    witness = "— witness.example " + b64(b"\x01\x02\x03\x04" + b"w" * 76) + "\n"
    cases: dict[str, tuple[str | bytes, str | None]] = {
        "good": (good, None),
        "good-empty": (note(text(0, root([]))), None),
        "good-extension": (note(text(13, value, more="an extension\n")), None),
        "good-witness-before": (f"{body}\n{witness}{ours}", None),
        "good-witness-after": (f"{body}\n{ours}{witness}", None),
        "good-other-key-of-our-name": (f"{body}\n{line(body, word='older')}{ours}", None),
        "good-sixteen-signatures": (f"{body}\n{witness * 15}{ours}", None),
        "seventeen-signatures": (f"{body}\n{witness * 16}{ours}", "more than 16"),
        "unsigned": (f"{body}\n", "empty line"),
        "only-a-witness": (f"{body}\n{witness}", "not signed by"),
        "signed-by-another-key": (f"{body}\n{line(body, word='theirs')}", "not signed by"),
        "signed-twice": (f"{body}\n{ours}{ours}", "signed twice"),
        "another-text-signed": (f"{body}\n{line(text(12, value))}", "does not fit"),
        "size-changed": (good.replace("\n13\n", "\n14\n"), "does not fit"),
        "root-changed": (good.replace(b64(value), b64(LEAVES[0])), "does not fit"),
        "signature-flipped": (f"{body}\n{flip_signature(ours)}", "does not fit"),
        "signature-cut": (f"{body}\n{recode(ours, lambda data: data[:-1])}", "does not fit"),
        "signature-extended": (f"{body}\n{recode(ours, lambda data: data + b'0')}", "does not fit"),
        "signature-only-key-id": (f"{body}\n{recode(ours, lambda data: data[:4])}", "too short"),
        "another-origin": (note(text(13, value, origin="ledger.example/other")), "another ledger"),
        "size-leading-zero": (note(text("013", value)), "plain decimal"),
        "size-plus-sign": (note(text("+13", value)), "plain decimal"),
        "size-negative": (note(text("-13", value)), "plain decimal"),
        "size-other-digits": (note(text("1३", value)), "plain decimal"),
        "size-trailing-space": (note(text("13 ", value)), "plain decimal"),
        "size-too-large": (note(text(str(2**63), value)), "plain decimal"),
        "size-twenty-digits": (note(text("1" * 20, value)), "plain decimal"),
        "size-zero-with-a-root": (note(text(0, value)), "empty ledger"),
        "root-short": (note(text(13, value[:-1])), "32 bytes"),
        "root-long": (note(text(13, value + b"\0")), "32 bytes"),
        "root-unpadded": (note(text(13, b64(value).rstrip("="))), "base64"),
        "root-url-alphabet": (note(text(13, "-" * 43 + "=")), "base64"),
        "root-trailing-bits": (note(text(13, b64(value)[:-2] + "B=")), "base64"),
        "root-trailing-space": (note(text(13, b64(value) + " ")), "base64"),
        "root-missing": (note(f"{NAME}\n13\n"), "origin, a size and a root"),
        "extension-empty": (note(text(13, value, more="\nmore\n")), "non-empty"),
        "origin-empty": (note(text(13, value, origin="")), "non-empty"),
        "carriage-returns": (good.replace("\n", "\r\n"), "control"),
        "tab-in-text": (note(text(13, value, more="a\tb\n")), "control"),
        "no-newline-at-the-end": (good[:-1], "signature lines"),
        "newline-too-many-at-the-end": (good + "\n", "empty line"),
        "newline-too-many-before-signatures": (f"{body}\n\n{ours}", "does not fit"),
        "newline-missing-before-signatures": (f"{body}{ours}", "empty line"),
        "leading-newline": ("\n" + good, "does not fit"),
        "trailing-garbage": (good + "garbage\n", "signature line"),
        "hyphen-for-dash": (good.replace("—", "-"), "signature line"),
        "two-spaces-after-dash": (good.replace("— ", "—  "), "signature line"),
        "two-spaces-after-name": (good.replace(f"— {NAME} ", f"— {NAME}  "), "base64"),
        "no-break-space-in-key-name": (
            f"{body}\n— a\u00a0b {b64(b'w' * 68)}\n{ours}",
            "signature line",
        ),
        "plus-in-key-name": (f"{body}\n— a+b {b64(b'w' * 68)}\n{ours}", "signature line"),
        "signature-unpadded": (f"{body}\n{ours.rstrip(chr(10)).rstrip('=')}\n", "base64"),
        "signature-trailing-space": (f"{body}\n{ours[:-1]} \n", "base64"),
        "byte-order-mark": ("\ufeff" + good, "does not fit"),
        "not-utf-8": (good.encode() + b"\xff", "UTF-8"),
        "empty": ("", "empty line"),
    }
    return {
        name: {
            "verifier": vkey(NAME, "ours"),
            "note": data if isinstance(data, str) else {"base64": b64(data)},
            "expect": refusal("checkpoint", says) if says else None,
        }
        for name, (data, says) in cases.items()
    }


def receipts() -> dict[str, dict[str, Any]]:
    salt, event = b"s" * 32, b'{"kind":"test"}'
    data = hashlib.sha256(salt + event).digest()
    leaves = [*LEAVES[:5], leaf(data), *LEAVES[6:]]
    hashes = [b64(value) for value in path(5, leaves)]
    signed = note(text(13, root(leaves)))

    def file(
        *,
        header: str = "c2sp.org/tlog-proof@v1",
        extra: str | None = None,
        index: str = "index 5",
        lines: list[str] = hashes,
        blank: str = "\n",
        end: str = signed,
    ) -> str:
        head = [header, *([] if extra is None else [extra]), index, *lines]
        return "".join(f"{item}\n" for item in head) + blank + end

    other_log = text(13, root(leaves), origin="ledger.example/other")
    cases: dict[str, tuple[str | bytes, str | None]] = {
        "good": (file(), None),
        "good-extra": (file(extra=f"extra {b64(b'context')}"), None),
        "wrong-index": (file(index="index 4"), "another root"),
        "index-beyond-size": (file(index="index 13"), "no entry 13"),
        "index-leading-zero": (file(index="index 05"), "plain decimal"),
        "index-plus-sign": (file(index="index +5"), "plain decimal"),
        "index-two-spaces": (file(index="index  5"), "plain decimal"),
        "index-trailing-space": (file(index="index 5 "), "plain decimal"),
        "index-too-large": (file(index=f"index {2**63}"), "plain decimal"),
        "index-tab": (file(index="index\t5"), "no index"),
        "index-missing": (file(index=hashes[0], lines=hashes[1:]), "no index"),
        "index-twice": (file(index="index 5\nindex 5"), "base64"),
        "index-before-extra": (file(index=f"index 5\nextra {b64(b'x')}"), "base64"),
        "index-capital": (file(index="Index 5"), "no index"),
        "header-version-2": (file(header="c2sp.org/tlog-proof@v2"), "begin"),
        "header-trailing-space": (file(header="c2sp.org/tlog-proof@v1 "), "begin"),
        "header-missing": (file()[len("c2sp.org/tlog-proof@v1\n") :], "begin"),
        "extra-empty": (file(extra="extra "), "1 to"),
        "extra-no-space": (file(extra="extra"), "no index"),
        "extra-two-spaces": (file(extra=f"extra  {b64(b'x')}"), "extra data is not canonical"),
        "extra-unpadded": (file(extra="extra eA"), "extra data is not canonical"),
        "extra-twice": (file(extra="extra eA==\nextra eA=="), "no index"),
        "truncated-proof": (file(lines=hashes[:-1]), "shorter"),
        "empty-proof": (file(lines=[]), "shorter"),
        "trailing-hash": (file(lines=[*hashes, hashes[0]]), "longer"),
        "swapped-hashes": (file(lines=[hashes[1], hashes[0], *hashes[2:]]), "another root"),
        "sixty-four-hashes": (file(lines=hashes[:1] * 64), "more than 63"),
        "hash-unpadded": (file(lines=[hashes[0].rstrip("="), *hashes[1:]]), "base64"),
        "hash-trailing-space": (file(lines=[hashes[0] + " ", *hashes[1:]]), "base64"),
        "hash-short": (file(lines=[b64(b"x" * 31), *hashes[1:]]), "32 bytes"),
        "hash-of-another-alphabet": (file(lines=["_" * 43 + "=", *hashes[1:]]), "base64"),
        "blank-line-missing": (file(blank=""), "base64"),
        "blank-line-twice": (file(blank="\n\n"), "does not fit"),
        "blank-line-in-the-proof": (file(lines=[hashes[0], "", *hashes[1:]]), "receipt"),
        "checkpoint-missing": (file(end=""), "no checkpoint"),
        "checkpoint-unsigned": (file(end=text(13, root(leaves)) + "\n"), "checkpoint"),
        "checkpoint-by-another-key": (
            file(end=f"{text(13, root(leaves))}\n{line(text(13, root(leaves)), word='theirs')}"),
            "not signed by",
        ),
        "checkpoint-of-another-log": (file(end=note(other_log)), "another ledger"),
        "checkpoint-of-another-tree": (file(end=note(text(13, root(LEAVES)))), "another root"),
        "trailing-garbage": (file() + "garbage", "signature lines"),
        "carriage-returns": (file().replace("\n", "\r\n"), "ASCII"),
        "leading-newline": ("\n" + file(), "begin"),
        "head-not-ascii": (file(extra="extra é"), "ASCII"),
        "byte-order-mark": ("\ufeff" + file(), "ASCII"),
        "empty": ("", "no checkpoint"),
    }
    return {
        name: {
            "verifier": vkey(NAME, "ours"),
            "leaf_data": data,
            "file": content,
            "expect": refusal("receipt", says) if says else None,
        }
        for name, (content, says) in cases.items()
    } | {
        "wrong-leaf": {
            "verifier": vkey(NAME, "ours"),
            "leaf_data": hashlib.sha256(b"t" * 32 + event).digest(),
            "file": file(),
            "expect": refusal("receipt", "another root"),
        }
    }


def verifiers() -> dict[str, dict[str, Any]]:
    good = vkey(NAME, "ours")
    name, identity_hex, key = good.split("+", 2)
    raw = base64.b64decode(key)

    def of(public: bytes, kind: int, word: str = NAME) -> str:
        data = bytes([kind]) + public
        wanted = hashlib.sha256(word.encode() + b"\n" + data).digest()[:4]
        return f"{word}+{wanted.hex()}+{b64(data)}"

    cases: dict[str, tuple[str, str | None]] = {
        "good": (good, None),
        "id-of-another-key": (
            vkey(NAME, "theirs").replace(vkey(NAME, "theirs").split("+")[1], identity_hex),
            "id is not",
        ),
        "id-of-another-name": (good.replace("vectors", "others"), "id is not"),
        "id-upper-case": (f"{name}+{identity_hex.upper()}+{key}", "name+id+base64"),
        "id-short": (f"{name}+{identity_hex[:7]}+{key}", "name+id+base64"),
        "name-empty": (f"+{identity_hex}+{key}", "name+id+base64"),
        "name-with-space": (of(raw[1:], 1, "a b"), "name+id+base64"),
        "key-missing": (f"{name}+{identity_hex}", "Ed25519"),
        "key-unpadded": (f"{name}+{identity_hex}+{key.rstrip('=')}x", "base64"),
        "key-of-a-witness": (of(raw[1:], 4), "Ed25519"),
        "key-short": (of(raw[1:-1], 1), "Ed25519"),
        "key-long": (of(raw[1:] + b"0", 1), "Ed25519"),
        "trailing-newline": (good + "\n", "base64"),
        "empty": ("", "name+id+base64"),
    }
    return {
        name: {
            "verifier": value,
            "expect": {"error": "InputError", "says": says} if says else None,
        }
        for name, (value, says) in cases.items()
    }


def everything() -> dict[str, dict[str, Any]]:
    """Every vector by file name."""
    groups = {
        "inclusion": inclusions(),
        "consistency": consistencies(),
        "checkpoint": checkpoints(),
        "receipt": receipts(),
        "verifier": verifiers(),
    }
    return {
        f"{group}/{name}.json": {"origin": ORIGIN, **vector}
        for group, vectors in groups.items()
        for name, vector in vectors.items()
    }


def print_vector(vector: dict[str, Any]) -> str:
    """The text of a vector's file; hashes in hex."""
    return json.dumps(vector, indent=1, ensure_ascii=True, default=bytes.hex) + "\n"


if __name__ == "__main__":
    for file_name, content in everything().items():
        target = HERE / file_name
        target.parent.mkdir(exist_ok=True)
        target.write_text(print_vector(content), encoding="utf-8")
