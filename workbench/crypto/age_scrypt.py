"""Passphrases, for keystore files: scrypt stretches them (C2SP age, "scrypt recipient stanza")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.crypto.age_header import Stanza, malformed, raw_b64decode, raw_b64encode
from workbench.crypto.age_wrap import Random, arguments, draw, first, open_wrapped, wrapped
from workbench.crypto.primitives import scrypt, seal_once
from workbench.errors import InputError

__all__ = ["MAX_WORK_FACTOR", "ScryptIdentity", "ScryptRecipient"]

MAX_WORK_FACTOR = 22  # 4 GiB and about 15 s; more is an attack on whoever opens the file
_SALT = 16
_INFO = b"age-encryption.org/v1/scrypt"
_WORK_FACTOR = re.compile(r"[1-9][0-9]*\Z")


class ScryptRecipient:
    """A passphrase to seal a keystore with; it must be the only recipient of its file.

    Raises:
        InputError: an empty passphrase, or a work factor no reader would accept.
    """

    kind = "scrypt"

    def __init__(self, passphrase: str, work_factor: int = 18) -> None:
        if not passphrase:
            raise InputError("The passphrase is empty.", hint="Choose one of several words.")
        if not 1 <= work_factor <= MAX_WORK_FACTOR:
            raise InputError(f"The work factor must be between 1 and {MAX_WORK_FACTOR}.")
        self._passphrase = passphrase.encode("utf-8")
        self._work_factor = work_factor

    def __repr__(self) -> str:
        return f"<ScryptRecipient 2^{self._work_factor}>"

    def wrap(self, file_key: bytes, random: Random) -> Stanza:
        """C2SP age, "scrypt recipient stanza"."""
        salt = draw(random, _SALT)
        key = scrypt(self._passphrase, _INFO + salt, self._work_factor)
        args = (self.kind, raw_b64encode(salt), str(self._work_factor))
        return Stanza(args, seal_once(key, file_key))


class ScryptIdentity:
    """A passphrase to open a file with.

    ``work_factor`` is that of files sealed to :attr:`recipient`; any up to ``MAX_WORK_FACTOR`` is
    opened.

    Raises:
        InputError: as :class:`ScryptRecipient`.
    """

    def __init__(self, passphrase: str, work_factor: int = 18) -> None:
        self._recipient = ScryptRecipient(passphrase, work_factor)
        self._passphrase = passphrase.encode("utf-8")

    @property
    def recipient(self) -> ScryptRecipient:
        return self._recipient

    def __repr__(self) -> str:
        return "<ScryptIdentity>"

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """C2SP age, "scrypt recipient stanza"."""
        return first(stanzas, ScryptRecipient.kind, self._unwrap)

    def _unwrap(self, stanza: Stanza) -> bytes | None:
        encoded, factor = arguments(stanza, 2)
        salt = raw_b64decode(encoded, _SALT)
        if not _WORK_FACTOR.match(factor):
            raise malformed("its work factor is not a plain number")
        if len(factor) > 2 or int(factor) > MAX_WORK_FACTOR:
            raise malformed(f"its work factor is over {MAX_WORK_FACTOR}, which would take too long")
        wrapped(stanza.body)
        key = scrypt(self._passphrase, _INFO + salt, int(factor))
        return open_wrapped(key, stanza.body)
