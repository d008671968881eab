"""Language models: templates that reach Python, counts that overflow, settings that name code."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.corpus.sample import Hostile, dropped, several

__all__ = ["gguf", "language"]


SSTI = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
CYCLER = "{{ cycler.__init__.__globals__.os.getenv('WB_CANARY') }}"
HIDDEN = "{% set a = '__cla' ~ 'ss__' %}{{ (''|attr(a))|attr('__mro__') }}"
ESCAPED = "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}"
LLAMA = "CVE-2024-34359: llama-cpp-python filled in the template of a file"
U64 = (1 << 64) - 1


def _text(data: str | bytes) -> bytes:
    data = data.encode() if isinstance(data, str) else data
    return struct.pack("<Q", len(data)) + data


def _pair(key: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return _text(key) + value
    if isinstance(value, str):
        return _text(key) + struct.pack("<I", 8) + _text(value)
    return _text(key) + struct.pack("<II", 4, value)


def gguf(
    pairs: dict[str, Any],
    *,
    version: int = 3,
    kinds: int | None = None,
    tensors: int | None = None,
    dims: tuple[int, ...] = (8,),
    kind: int = 0,
    offset: int = 0,
    data: bytes = bytes(32),
    mark: bytes = b"GGUF",
    more: bytes = b"",
) -> bytes:
    """Return a GGUF file with one tensor; every count can lie."""
    count = len(pairs) if kinds is None else kinds
    head = mark + struct.pack("<IQQ", version, 1 if tensors is None else tensors, count)
    body = b"".join(_pair(key, value) for key, value in pairs.items()) + more
    sizes = struct.pack(f"<I{len(dims)}Q", len(dims), *dims)
    info = _text("w") + sizes + struct.pack("<IQ", kind, offset)
    start = head + body + info
    return start + bytes(-len(start) % 32) + data


PLAIN = {"general.architecture": "llama", "general.alignment": 32}


def _gguf() -> Iterator[tuple[str, str, str, bytes]]:
    for trick, template in (
        ("class", SSTI),
        ("cycler", CYCLER),
        ("hidden", HIDDEN),
        ("escaped", ESCAPED),
    ):
        yield (
            f"template-{trick}",
            "model.gguf",
            LLAMA,
            gguf({**PLAIN, "tokenizer.chat_template": template}),
        )
    yield (
        "template-named",
        "model.gguf",
        "a second template beside the first",
        gguf(
            {
                **PLAIN,
                "tokenizer.chat_template": "{{ messages }}",
                "tokenizer.chat_template.tool_use": CYCLER,
            }
        ),
    )
    array = struct.pack("<IIQ", 9, 9, 1) * 5000
    huge = "CVE-2024-25664 to 25668: counts that overflow"
    yield "tensors", "model.gguf", huge, gguf(PLAIN, tensors=U64)
    yield "pairs", "model.gguf", huge, gguf(PLAIN, kinds=1 << 62)
    yield "text", "model.gguf", huge, gguf({**PLAIN, "a": struct.pack("<IQ", 8, U64)})
    yield "array", "model.gguf", huge, gguf({**PLAIN, "a": struct.pack("<IIQ", 9, 4, 1 << 62)})
    yield (
        "array-deep",
        "model.gguf",
        "arrays in arrays until the parser crashes",
        gguf({**PLAIN, "a": array}),
    )
    yield "kind", "model.gguf", "a type of value nobody knows", gguf({**PLAIN, "a": b"\x63\0\0\0"})
    yield "dims", "model.gguf", huge, gguf(PLAIN, dims=(1 << 40, 1 << 40))
    yield (
        "dims-many",
        "model.gguf",
        "more dimensions than there is room for",
        gguf(PLAIN, dims=(1,) * 64),
    )
    yield "offset", "model.gguf", "a tensor beyond the end", gguf(PLAIN, offset=1 << 40)
    yield "offset-odd", "model.gguf", "a tensor off its alignment", gguf(PLAIN, offset=7)
    yield "tensor-kind", "model.gguf", "a type of tensor nobody knows", gguf(PLAIN, kind=999)
    yield (
        "alignment",
        "model.gguf",
        "an alignment of zero divides by it",
        gguf({"general.alignment": 0}),
    )
    yield "version", "model.gguf", "a version nobody knows", gguf(PLAIN, version=99)
    yield (
        "twice",
        "model.gguf",
        "one key twice",
        gguf(PLAIN, kinds=3, more=_pair("general.architecture", "evil")),
    )
    yield "cut", "model.gguf", "ends in the middle", gguf(PLAIN)[:60]


def _hub() -> Iterator[tuple[str, str, str, bytes]]:
    def config(thing: Any) -> bytes:
        return json.dumps(thing, indent=1).encode()

    run = "with trust_remote_code this runs"
    yield "auto-map", "config.json", run, config({"auto_map": {"AutoModel": "modeling_evil.Model"}})
    yield (
        "auto-map-repo",
        "config.json",
        "code from another place: " + run,
        config({"auto_map": {"AutoConfig": "evil/repo--configuration.Config"}}),
    )
    yield (
        "auto-map-tokenizer",
        "tokenizer_config.json",
        run,
        config({"auto_map": {"AutoTokenizer": ["tokenization_evil.T", None]}}),
    )
    yield (
        "auto-map-processor",
        "preprocessor_config.json",
        run,
        config({"auto_map": {"AutoProcessor": "evil.P"}}),
    )
    yield (
        "custom-pipeline",
        "config.json",
        run,
        config({"custom_pipelines": {"x": {"impl": "evil.Pipeline", "pt": ["AutoModel"]}}}),
    )
    yield (
        "model-index",
        "model_index.json",
        "diffusers imports what is named",
        config({"_class_name": "StableDiffusionPipeline", "unet": ["evil_module", "Evil"]}),
    )
    yield (
        "modules",
        "modules.json",
        "sentence-transformers imports what is named",
        config([{"idx": 0, "name": "0", "path": "", "type": "evil_module.Transformer"}]),
    )
    yield (
        "template",
        "tokenizer_config.json",
        "a template that reaches Python",
        config({"chat_template": CYCLER}),
    )
    yield (
        "template-list",
        "tokenizer_config.json",
        "a template that reaches Python",
        config(
            {
                "chat_template": [
                    {"name": "default", "template": "{{ messages }}"},
                    {"name": "tool_use", "template": SSTI},
                ]
            }
        ),
    )
    yield "template-file", "chat_template.jinja", "a template that reaches Python", SSTI.encode()
    yield (
        "target",
        "config.json",
        "CVE-2025-23304 family: Hydra calls what is named",
        config({"model": {"_target_": "os.system", "command": ": wb-canary"}}),
    )
    yield (
        "jsonpickle",
        "model.json",
        "jsonpickle calls what is named",
        config({"py/reduce": [{"py/type": "os.system"}, {"py/tuple": [": wb-canary"]}]}),
    )
    yield (
        "jsonpickle-object",
        "state.json",
        "jsonpickle makes what is named",
        config({"py/object": "subprocess.Popen", "args": ["true"]}),
    )


def language() -> Iterator[Hostile]:
    """GGUF files, and the settings that travel with models of a hub."""
    yield from dropped("gguf", _gguf())
    yield from dropped("hub", _hub())
    code = {
        "config.json": b'{"auto_map": {"AutoModel": "modeling.Model"}}',
        "modeling.py": b"import os\nos.getenv('WB_CANARY')\n",
    }
    yield Hostile("hub/auto-map-code", "the code lies beside it", several(dict(code)))
