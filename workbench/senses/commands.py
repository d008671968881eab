"""Which files the command line of another program names."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["arguments", "named_files", "shell_words"]

MAX_WORDS = 200  # looked at of one command line
_SHELL = re.compile(r"(?:^|/)(?:ba|da|z|k)?sh\Z")


def arguments(words: Any) -> list[str]:
    """Return what follows the program's name in the arguments of ``subprocess.Popen``.

    What a shell is told to run (``sh -c``) is taken apart as the shell would.
    """
    if isinstance(words, str | bytes):
        return list(shell_words(os.fsdecode(words)))[1:]
    texts = [os.fsdecode(word) for word in words[:MAX_WORDS]]
    if len(texts) > 2 and _SHELL.search(texts[0]) and texts[1] == "-c":
        return list(shell_words(texts[2]))
    return texts[1:]


def shell_words(command: str) -> Iterator[str]:
    """Yield the words of a shell's command line but those that ``>`` sends output to."""
    words = shlex.shlex(command[:10_000], posix=True, punctuation_chars=True)
    words.whitespace_split = True
    before = ""
    try:
        for _, word in zip(range(MAX_WORDS), words, strict=False):
            if not before.endswith(">"):
                yield word
            before = word
    except ValueError:  # a quote that is never closed
        return


def named_files(words: Iterable[str], folder: str) -> Iterator[str]:
    """Yield the absolute paths that words may be, and that options may have (``--data=a.csv``)."""
    for word in words:
        for text in dict.fromkeys((word, word.rpartition("=")[2])):
            if text:
                yield os.path.abspath(os.path.join(folder, text))
