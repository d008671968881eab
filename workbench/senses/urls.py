"""Addresses of data elsewhere, rid of everything that lets somebody in.

``https://anna:s3cret@host/f.csv?sig=…`` becomes ``https://host/f.csv``: what names the data stays;
user, password, query, fragment and whatever looks like a key go. An address is shown to people who
must not get in by it, so where a part could be either it goes.
"""

from __future__ import annotations

import os
import re
from urllib.parse import unquote
from urllib.request import url2pathname

from workbench.senses.readings import Address

__all__ = ["ELIDED", "is_url", "printable", "server", "url_address"]

ELIDED = "…"  # stands for a part of a path that looked like a key
MAX_URL = 2000  # characters; a longer text is no address
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
_CHAIN = re.compile(r"::(?=[A-Za-z][A-Za-z0-9+.-]+://)")
_PORTS = {"http": "80", "https": "443", "ftp": "21", "ftps": "990"}
_DATABASE_PORTS = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306", "mssql": "1433"}
# SQLAlchemy's dialects and their other spellings (the part before ``+driver``).
_DATABASES = {
    name: name
    for name in (
        *(
            "postgresql",
            "mysql",
            "mariadb",
            "mssql",
            "oracle",
            "snowflake",
            "redshift",
            "cockroachdb",
        ),
        *(
            "clickhouse",
            "trino",
            "presto",
            "hive",
            "bigquery",
            "databricks",
            "teradatasql",
            "vertica",
        ),
        *("mongodb", "redis", "db2", "impala", "exasol", "druid", "awsathena"),
    )
} | {"postgres": "postgresql", "sqlserver": "mssql"}
_FILES = {"sqlite", "duckdb"}  # databases that are a file
_CONTAINERS = {"abfs", "abfss", "wasb", "wasbs"}  # here the part before @ names a container
_KEY_WORD = (
    r"(?:[\w-]*(?:token|secret|passw(?:or)?d|pwd|apikey|api[_-]key|signature|credential)s?|"
    r"auth|sig|session(?:id)?|sid|bearer)"
)
_AFTER_KEY_WORD = re.compile(_KEY_WORD + r"\Z", re.IGNORECASE)
_WITH_KEY_WORD = re.compile(rf"(?:{_KEY_WORD}|key)\s*[=:]", re.IGNORECASE)
_KNOWN_KEYS = re.compile(  # how tokens of well-known services begin
    r"(?:gh[pousr]_|github_pat_|glpat-|xox[abposr]-|[sp]k[-_]|rk_live|AKIA|ASIA|AIza|ya29\.|"
    r"eyJ|hf_|npm_|pypi-|dckr_pat_|SG\.|shpat_)[\w.+=-]{8,}"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CONTENT_ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")  # a git commit, a SHA-256
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}\Z")
_CLASSES = re.compile(r"[A-Z]+|[a-z]+|[0-9]+")


def is_url(text: str) -> bool:
    """Tell whether a text starts as an address with a scheme of two letters or more does."""
    return _URL.match(text) is not None


def url_address(text: str) -> Address | None:
    """Return the address a URL gives, without credentials; ``None`` for what is none.

    A chain of file systems (``filecache::https://…``) stands for its last part. An SQLite or DuckDB
    URL and a ``file:`` URL are a path; one in memory is no address. A database's user, driver and
    options go; its host, port and name stay.
    """
    match = _URL.match(_CHAIN.split(text)[-1].removeprefix("jdbc:"))
    if match is None or len(text) > MAX_URL:
        return None
    scheme, rest = match[1].lower(), match[2]
    family = scheme.partition("+")[0]
    if scheme == "file" or family in _FILES:
        return _path_in_url(rest, is_database=family in _FILES)
    database = _DATABASES.get(scheme) or _DATABASES.get(family)
    host, path = _split(rest, keeps_container=scheme in _CONTAINERS)
    if database:
        host = host.removesuffix(f":{_DATABASE_PORTS.get(database, '')}")
        return Address(f"{database}://{host or 'localhost'}{_clean_path(path)}", "sql")
    default = _PORTS.get(scheme)
    if default:
        host = host.lower().removesuffix(f":{default}")
    if not host and not path.strip("/"):
        return None
    return Address(f"{scheme}://{host}{_clean_path(path)}", scheme)


def server(address: Address) -> tuple[str, int] | None:
    """Return host and port of an HTTP or FTP address."""
    match = _URL.match(address.text)
    default = _PORTS.get(address.scheme)
    if match is None or default is None:
        return None
    host, _, port = match[2].partition("/")[0].rpartition(":")
    if not host or not port.isdigit():
        host, port = match[2].partition("/")[0], default
    return host.strip("[]"), int(port)


def printable(text: str) -> str:
    r"""Return a text with what no screen should show (controls, lone surrogates) as ``\x1b``."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable()
        else char.encode("ascii", "backslashreplace").decode()
        if ord(char) > 0x7F
        else f"\\x{ord(char):02x}"
        for char in text
    )


def _path_in_url(rest: str, *, is_database: bool) -> Address | None:
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    if is_database:  # three slashes are a relative path, four an absolute one
        path = rest.partition("/")[2]
        if path in ("", ":memory:") or path.startswith("file:"):
            return None
    else:
        path = url2pathname("/" + rest.partition("/")[2])
    return Address(printable(os.path.abspath(path)))


def _split(rest: str, *, keeps_container: bool) -> tuple[str, str]:
    """Return host (with its port) and path of what follows ``://``."""
    authority, tail = _authority(rest)
    path = re.split(r"[?#]", tail, maxsplit=1)[0].replace("\\", "/")
    if "@" in tail and _goes_on(authority, path):
        if "@" not in path:
            return ELIDED, ""  # it holds a ? or a #, and nobody can tell where it ends
        authority, path = _authority((authority + path).rpartition("@")[2])
    elif "@" in path and "@" in authority:
        path = f"/{ELIDED}/{path.rpartition('@')[2].partition('/')[2]}"
    user, at, host = authority.rpartition("@")
    host = re.sub(r"[^\w.:%\[\]~-]", "", host)
    if at and keeps_container and ":" not in user and "@" not in user:
        host = f"{re.sub(r'[^a-z0-9-]', '', user)}@{host}"
    return host, "" if path.startswith(";") else path


def _authority(rest: str) -> tuple[str, str]:
    authority = re.split(r"[/?#;\\]", rest, maxsplit=1)[0]
    return authority, rest[len(authority) :]


def _goes_on(authority: str, path: str) -> bool:
    """Tell whether a password goes on after what looks like the host; then the last ``@`` ends it.

    A password must not hold any of ``/?#@``, but people's do.
    """
    login, at, server = authority.rpartition("@")
    host, colon, port = server.rpartition(":")
    host = host if colon else server
    is_host = host.startswith("[") or "." in host or host == "localhost"
    if at:
        return ":" in login and "@" in path and not is_host
    if not colon or server.startswith("["):
        return False
    if not port.isdigit():
        return True
    return not is_host and not path.startswith(";") and bool(re.search(r"[^/]@", path))


def _clean_path(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        plain = part.partition(";")[0]
        follows = bool(parts) and _AFTER_KEY_WORD.match(parts[-1]) is not None
        parts.append(ELIDED if _is_key(plain, follows=follows) else printable(plain))
    return "/".join(parts)


def _is_key(part: str, *, follows: bool) -> bool:
    """Tell whether a part of a path looks like something that opens a door.

    Content identifiers (a commit, a SHA-256, a UUID) and names with an ending name data. A part is
    taken for a key if it starts as known tokens do, follows or holds a word such as ``token``, has
    ``user:password@`` in it, or changes between capitals, letters and digits as chance would.
    """
    text = unquote(part)
    if re.search(r"[?#]|:[^/]*@", text) or _WITH_KEY_WORD.search(text) or _KNOWN_KEYS.search(text):
        return True
    if not text or _ENDING.search(text) or _UUID.fullmatch(text) or _CONTENT_ID.fullmatch(text):
        return False
    if follows:
        return True
    bare = re.sub(r"[^A-Za-z0-9]", "", text)
    runs = _CLASSES.findall(bare)
    return len(bare) >= 20 and len(runs) / len(bare) >= 0.3
