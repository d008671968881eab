"""Why something in a pickle is refused, and what to do about it, in words for people."""

from __future__ import annotations

__all__ = ["PLAINER", "Refused"]

PLAINER = "Save the model with skops, or as safetensors, ONNX or the library's own model file."


class Refused(Exception):
    """An instruction of a pickle asks for something that is not known to be harmless.

    Attributes:
        rule: the kind of finding.
        what: what is asked for.
        why: why that matters, one sentence.
        remedy: what to do, one sentence.
    """

    def __init__(self, rule: str, what: str, why: str, remedy: str = PLAINER) -> None:
        super().__init__(what)
        self.rule = rule
        self.what = what
        self.why = why
        self.remedy = remedy
