"""Which licences are known, and whether they let a model be passed on.

Knowledge of identifiers comes from the SPDX licence list; whether a licence allows redistribution
is a small list of our own, because guessing from a name would be worse than saying no.

Source: SPDX specification 2.3, annex D (licence expressions).
"""

from __future__ import annotations

import difflib
import functools
import re
from typing import Any, Final

from boolean import Expression, ParseError
from license_expression import (
    ExpressionError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    Licensing,
    get_license_index,
)

from workbench.errors import InputError

__all__ = ["COMMON", "NONE", "allows_redistribution", "check", "nearest"]

# What forms offer; any other SPDX expression can be typed.
COMMON: Final = (
    *("CC-BY-NC-4.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-ND-4.0", "CC0-1.0"),
    *("Apache-2.0", "MIT", "BSD-3-Clause", "GPL-3.0-or-later"),
)

NONE: Final = "NONE"  # how a listing, as SPDX, says that no licence was named

_MAX_LENGTH: Final = 200  # as records.Listing.license
_MAX_DEPTH: Final = 16  # nested brackets; the parser recurses
_CUSTOM: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+\Z")  # SPDX 2.3, annex D.2
_SHOWN: Final = 3
_CLOSE: Final = 0.6  # difflib's own default for "similar"

# Licences that let a recipient give copies to others, under whatever conditions. Non-commercial
# and no-derivatives licences restrict what for and in which form, not whether, so they belong here.
_REDISTRIBUTABLE: Final = frozenset(
    {
        # No conditions.
        *("0BSD", "CC0-1.0", "MIT-0", "PDDL-1.0", "Unlicense"),
        # Keep the notice.
        *("Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "ISC"),
        *("MIT", "PostgreSQL", "Python-2.0", "Zlib"),
        # Pass on under the same licence.
        *("AGPL-3.0-only", "AGPL-3.0-or-later", "EPL-2.0", "EUPL-1.2"),
        *("GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later"),
        *("LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0"),
        # Written for texts and data, common for models.
        *("CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0"),
        *("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0"),
        *("CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0"),
        *("ODC-By-1.0", "ODbL-1.0"),
    }
)


def check(expression: str) -> str:
    """Return an SPDX licence expression in its normal spelling.

    A licence of one's own is written ``LicenseRef-…``.

    Raises:
        InputError: not an expression, or an identifier that is neither on the SPDX list nor a
            ``LicenseRef-``; the hint has the nearest known ones.
    """
    parsed = _parse(expression)
    for symbol in _symbols(parsed):
        _check_symbol(symbol)
    return str(parsed.render())


def allows_redistribution(expression: str) -> bool:
    """Return whether recipients may give copies to others under this expression.

    Where a recipient may choose (``OR``) one permissive choice is enough; where several licences
    apply at once (``AND``) each must allow it. What we do not know does not allow it.

    Raises:
        InputError: as :func:`check`.
    """
    return _allows(_parse(check(expression)))


def nearest(text: str) -> tuple[str, ...]:
    """Return the known identifiers most like ``text``, nearest first, if any is at all alike."""
    if text == NONE:
        return ()
    return _nearest(text[:_MAX_LENGTH], _CLOSE)


@functools.cache
def _licensing() -> Licensing:
    """Return a parser that knows the SPDX list.

    The library's own list also treats names that a third party calls ``LicenseRef-…`` as known
    and turns some into other licences; in SPDX those names belong to whoever writes them.
    """
    symbols = []
    for entry in get_license_index():
        names = [entry.get("spdx_license_key"), *entry.get("other_spdx_license_keys", ())]
        own = [name for name in names if name and not name.startswith("LicenseRef-")]
        if own and entry["spdx_license_key"] == own[0]:
            symbols.append(
                LicenseSymbol(own[0], aliases=tuple(own[1:]), is_exception=entry["is_exception"])
            )
    return Licensing(symbols)


@functools.cache
def _identifiers() -> dict[str, str]:
    symbols = _licensing().known_symbols.values()
    return {symbol.key.casefold(): symbol.key for symbol in symbols if not symbol.is_exception}


@functools.lru_cache(maxsize=256)
def _nearest(text: str, cutoff: float) -> tuple[str, ...]:
    wanted = re.sub(r"[\s_/]+", "-", text.strip()).casefold()
    known = _identifiers()
    # Half a name (BSD-3, CC-BY) is more often meant than another name of the same length.
    begun = [name for name in known if len(wanted) > 2 and name.startswith(wanted)]
    alike = difflib.get_close_matches(wanted, known, n=_SHOWN, cutoff=cutoff)
    found = dict.fromkeys([*sorted(begun, key=len), *alike])
    return tuple(known[name] for name in found)[:_SHOWN]


def _parse(expression: str) -> Expression:
    if len(expression) > _MAX_LENGTH or expression.count("(") > _MAX_DEPTH:
        raise InputError("The licence expression is too long.", hint="Name one licence.")
    try:
        parsed = _licensing().parse(expression, strict=True)
    except (ExpressionError, ParseError) as error:
        raise _unknown(expression) from error
    if parsed is None:
        raise InputError("The licence is missing.", hint="Choose one, for example CC-BY-4.0.")
    return parsed


def _symbols(parsed: Expression) -> list[Any]:
    """Return the plain symbols; a licence with an exception counts as two."""
    return list(_licensing().license_symbols(parsed, unique=True, decompose=True))


def _check_symbol(symbol: LicenseSymbol) -> None:
    if symbol.key in _licensing().known_symbols or _CUSTOM.match(symbol.key):
        return
    raise _unknown(symbol.key)


def _unknown(text: str) -> InputError:
    names = ", ".join(_nearest(text[:_MAX_LENGTH], 0.0))
    return InputError(
        f"{text[:80]!r} is not a licence on the SPDX list.",
        hint=f"Nearest are {names}; a licence of your own is written LicenseRef-name.",
    )


def _allows(parsed: Expression) -> bool:
    if isinstance(parsed, LicenseWithExceptionSymbol):
        # An exception only ever permits more than the licence it is attached to.
        return parsed.license_symbol.key in _REDISTRIBUTABLE
    if isinstance(parsed, LicenseSymbol):
        return parsed.key in _REDISTRIBUTABLE
    choose = any if isinstance(parsed, _licensing().OR) else all
    return choose(_allows(part) for part in parsed.args)
