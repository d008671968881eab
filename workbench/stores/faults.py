"""A database's errors in this package's words: who is at fault, and what to do next.

Busy or full is nobody's fault and passes (``Unavailable``); damaged files and tables that are not
ours mean that what is stored cannot be believed (``TrustError``). Codes are SQLite's primary result
codes and PostgreSQL's SQLSTATE classes; no text of the database's own reaches a person.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from workbench.errors import TrustError, Unavailable, WorkbenchError

__all__ = ["translated"]

_UNCHANGED = "Nothing was changed."
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_LOST = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
_STRANGE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}


@contextmanager
def translated() -> Iterator[None]:
    """Turn database errors of the block into ours.

    Raises:
        Unavailable: busy, full, not reachable, not permitted.
        TrustError: a damaged file, or tables with other contents than we write (``"database"``).
    """
    try:
        yield
    except exc.DBAPIError as error:
        raise _explain(error.orig) from error
    except exc.TimeoutError as error:  # every connection of this process is waiting
        raise _busy() from error
    except sqlite3.Error as error:
        raise _explain(error) from error


def _explain(error: BaseException | None) -> WorkbenchError:
    if isinstance(error, sqlite3.Error):
        return _explain_sqlite(getattr(error, "sqlite_errorcode", None))
    return _explain_postgresql(getattr(error, "sqlstate", None) or "")


def _explain_sqlite(code: int | None) -> WorkbenchError:
    if code is None:  # the driver itself refused a value, such as text that is not UTF-8
        return _strange()
    primary = code & 0xFF  # extended result codes keep the primary one in their low byte
    if primary in _BUSY:
        return _busy()
    if primary == sqlite3.SQLITE_FULL:
        return _full()
    if primary in _DAMAGED:
        return TrustError(
            "database",
            "the exchange's database file is damaged.",
            unchanged=_UNCHANGED,
            hint="Restore it from a copy; what the ledger proves still holds for that copy.",
        )
    if primary in _FORBIDDEN:
        return _forbidden()
    if primary in _LOST:
        return Unavailable(
            "The exchange's database file cannot be opened, read or written.",
            unchanged=_UNCHANGED,
            hint="Check that its folder exists, is yours and is on a working disk.",
        )
    return _strange() if primary in _STRANGE else _lost()


def _explain_postgresql(state: str) -> WorkbenchError:
    if state in ("55P03", "57014"):  # lock not available, query canceled
        return _busy()
    if state == "53100":
        return _full()
    if state in ("42501", "25006") or state.startswith("28"):
        return _forbidden()
    if state.startswith(("22", "23", "42", "XX")):  # data, constraints, names, corruption
        return _strange()
    return _lost()


def _busy() -> Unavailable:
    return Unavailable(
        "Somebody else has been writing to the exchange for too long.",
        unchanged=_UNCHANGED,
        hint="Try again in a moment.",
    )


def _full() -> Unavailable:
    return Unavailable(
        "The disk is full: the exchange's database could not be written.",
        unchanged=_UNCHANGED,
        hint="Free some space and try again.",
    )


def _forbidden() -> Unavailable:
    return Unavailable(
        "The exchange's database may not be used or written by you.",
        unchanged=_UNCHANGED,
        hint="Check its permissions, or the user name and password in its address.",
    )


def _strange() -> TrustError:
    return TrustError(
        "database",
        "the exchange's tables do not hold what this program writes.",
        unchanged=_UNCHANGED,
        hint="Find out who else writes to this database, or restore it from a copy.",
    )


def _lost() -> Unavailable:
    return Unavailable(
        "The exchange's database cannot be reached.",
        unchanged=_UNCHANGED,
        hint="Check that it runs and that its address is right, then try again.",
    )
