"""The text of recipients and identities: which kind it is, read strictly.

The text of an identity is a secret: ``str`` gives it, because it has to be kept somewhere, and
``repr`` hides it.
"""

from __future__ import annotations

from workbench.crypto import bech32
from workbench.crypto.age_hybrid import HybridIdentity, HybridRecipient
from workbench.crypto.age_wrap import Identity, Recipient, bad_identity, bad_recipient
from workbench.crypto.age_x25519 import X25519Identity, X25519Recipient
from workbench.errors import InputError

__all__ = ["MAX_IDENTITIES", "parse_identities", "parse_identity", "parse_recipient"]

MAX_IDENTITIES = 1000  # in one identity file


def parse_recipient(text: str) -> Recipient:
    """Return the recipient that ``age1pq1…`` or ``age1…`` names.

    Raises:
        InputError: anything else, such as a typing mistake or a plugin's recipient.
    """
    if text.startswith("age1pq1"):
        return HybridRecipient(bech32.decode(text, "age1pq"))
    if text.startswith("age1"):
        return X25519Recipient(bech32.decode(text, "age"))
    raise bad_recipient()


def parse_identity(text: str) -> Identity:
    """Return the identity that ``AGE-SECRET-KEY-PQ-1…`` or ``AGE-SECRET-KEY-1…`` is.

    Raises:
        InputError: anything else; the text is not repeated.
    """
    if text.upper() != text or not text.isascii():
        raise bad_identity()
    if text.startswith("AGE-SECRET-KEY-PQ-1"):
        return HybridIdentity(bech32.decode(text.lower(), "age-secret-key-pq-"))
    if text.startswith("AGE-SECRET-KEY-1"):
        return X25519Identity(bech32.decode(text.lower(), "age-secret-key-"))
    raise bad_identity()


def parse_identities(text: str) -> list[Identity]:
    """Return the identities of an identity file: one a line, ``#`` starts a comment line.

    Raises:
        InputError: another line, no identity at all, or more than ``MAX_IDENTITIES``.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    found = [line for line in lines if line.strip() and not line.startswith("#")]
    if not found:
        raise InputError("There is no identity in this file.")
    if len(found) > MAX_IDENTITIES:
        raise InputError(f"An identity file holds at most {MAX_IDENTITIES} identities.")
    return [parse_identity(line) for line in found]
