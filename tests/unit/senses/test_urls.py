"""Addresses elsewhere: what names the data stays, what lets somebody in never does."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.senses.readings import Address
from workbench.senses.urls import ELIDED, is_url, printable, server, url_address

SCHEMES = ["http", "https", "ftp", "s3", "gs", "az", "hdfs", "postgresql", "mysql+pymysql", "mssql"]
PLAIN = st.text(string.ascii_lowercase, min_size=3, max_size=12)
# Marked, so that they are found wherever they end up; with anything around the mark.
SECRET = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(
    lambda t: f"{t}Qx7Zw9{t}"
)
LOOSE = st.text(string.ascii_letters + "/?#@:%&=+; ", max_size=8).map(lambda t: f"q{t}Qx7Zw9")


@pytest.mark.parametrize(
    ("given_", "text", "scheme"),
    [
        ("https://anna:s3cret@host.org/f.csv?sig=1#x", "https://host.org/f.csv", "https"),
        ("HTTPS://Host.ORG:443/f.csv", "https://host.org/f.csv", "https"),
        ("http://host:8000/f.csv", "http://host:8000/f.csv", "http"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x", "http"),
        ("https://host", "https://host", "https"),
        ("ftp://host:21/f.csv", "ftp://host/f.csv", "ftp"),
        ("s3://Bucket/key/year=2024/a.parquet", "s3://Bucket/key/year=2024/a.parquet", "s3"),
        ("abfss://cohort@lake.net/a.parquet", "abfss://cohort@lake.net/a.parquet", "abfss"),
        ("abfss://anna:s3cret@lake.net/a", "abfss://lake.net/a", "abfss"),
        ("filecache::https://u:p@host/x.csv", "https://host/x.csv", "https"),
        ("zip://inner.csv::https://host/a.zip?x=1", "https://host/a.zip", "https"),
        ("file:///tmp/a%20b.csv", "/tmp/a b.csv", "file"),  # noqa: S108
        ("sqlite:////data/x.db?mode=ro", "/data/x.db", "file"),
        ("postgresql+psycopg://u:p@db.host:5432/clinic?sslmode=require",
         "postgresql://db.host/clinic", "sql"),
        ("postgres://db:5433/clinic", "postgresql://db:5433/clinic", "sql"),
        ("postgresql:///clinic?host=/run/pg", "postgresql://localhost/clinic", "sql"),
        ("jdbc:sqlserver://h:1433;databaseName=x;user=sa;password=p", "mssql://h", "sql"),
        ("jdbc:sqlserver://h:1433;user=sa;password=p@Qx7", "mssql://h", "sql"),
        ("http://u:p?w@host/x?mail=a@b", "http://…", "http"),
        ("http://minio:9000/b/a.csv?mail=a@b", "http://minio:9000/b/a.csv", "http"),
        ("bigquery://project/cohort", "bigquery://project/cohort", "sql"),
    ],
)  # fmt: skip
def test_what_names_the_data_stays(given_: str, text: str, scheme: str) -> None:
    """Scheme, host, port and path; a database without its driver and options."""
    assert url_address(given_) == Address(text, scheme)


NO_ADDRESSES = ["a.csv", "C:\\a.csv", "c://a", "", "http://", "s3:" + "/" * 3000]


@pytest.mark.parametrize(
    "text", [*NO_ADDRESSES, "sqlite://", "sqlite:///:memory:", "duckdb:///:memory:"]
)
def test_what_is_no_address(text: str) -> None:
    """A path, a database in memory, nothing at all."""
    assert url_address(text) is None


@pytest.mark.parametrize(
    "part",
    [
        "token/Zm9vYmFyYmF6", "access_token/1234", "auth/abcdef", "api-key/k9",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "glpat-abcdefghij", "hf_abcdefghijkl",
        "eyJhbGciOi.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4", "AKIAIOSFODNN7EXAMPLE",
        "sig=abc", "password:x", "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
        "9a0364b9e99bb480dd25e1f0284c8555", "https:%2F%2Fanna:s3cret@host", "%3Ftoken=abc",
    ],
)  # fmt: skip
def test_what_looks_like_a_key_goes(part: str) -> None:
    """Known tokens, what follows or holds a word for one, and what only chance would spell."""
    address = url_address(f"https://host/data/{part}/f.csv")
    assert address is not None
    secret = part.rpartition("/")[2]
    assert secret not in address.text
    assert ELIDED in address.text
    assert address.text.startswith("https://host/data/")
    assert address.text.endswith("/f.csv")


@pytest.mark.parametrize(
    "path",
    [
        "owid/covid-19-data/master/public/data/owid-covid-data.csv",
        "o/r/0123456789abcdef0123456789abcdef01234567/iris.csv",
        "dataset/6f1a1c62-0a3b-4c6e-9d5a-1d2f3a4b5c6d/download",
        "COVID19_Hospitalisations_England_2020/HospitalEpisodeStatisticsAdmitted2020",
        "npm/vega-datasets@2/data/cars.json",
        "year=2024/month=01/part-0.parquet",
    ],
)
def test_what_names_data_is_not_taken_for_a_key(path: str) -> None:
    """Commits, identifiers, long names, versions and partitions."""
    assert url_address(f"https://host/{path}") == Address(f"https://host/{path}", "https")


@settings(deadline=None)
@given(st.sampled_from(SCHEMES), SECRET, SECRET, SECRET, SECRET)
def test_no_user_password_query_or_fragment(
    scheme: str, user: str, password: str, query: str, fragment: str
) -> None:
    """However they are spelled, when they are spelled as an address must be."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    url = f"{scheme}://{login}@host.org:8443/data/f.csv?k={quote(query)}#{quote(fragment)}"
    address = url_address(url)
    assert address is not None
    assert "Qx7Zw9" not in address.text
    assert "host.org" in address.text


@settings(deadline=None, max_examples=500)
@given(st.sampled_from(SCHEMES), LOOSE, LOOSE)
def test_no_password_that_is_spelled_wrongly(scheme: str, password: str, query: str) -> None:
    """Neither does one that holds what should have been escaped."""
    address = url_address(f"{scheme}://anna:{password}@host.org/f.csv?{query}")
    assert address is None or "Qx7Zw9" not in address.text


@settings(deadline=None)
@given(PLAIN, SECRET, SECRET, PLAIN)
def test_as_sqlalchemy_spells_it(host: str, user: str, password: str, name: str) -> None:
    """What an engine's URL prints as is read as the same host and database."""
    url = sqlalchemy.URL.create("postgresql+psycopg", user, password, host, 5439, name)
    found = url_address(url.render_as_string(hide_password=False))
    assert found == Address(f"postgresql://{host}:5439/{name}", "sql")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Nothing raises, and what comes out can be shown on a screen."""
    for candidate in (text, f"http://{text}", f"postgresql://{text}@{text}/{text}"):
        address = url_address(candidate)
        assert address is None or address.text.isprintable()


def test_hosts_of_addresses() -> None:
    """Host and port, the port of the scheme where none is said; none of what is no server."""
    assert server(Address("https://host/x", "https")) == ("host", 443)
    assert server(Address("http://[::1]:80/x:9", "http")) == ("::1", 80)
    assert server(Address("http://host:8000", "http")) == ("host", 8000)
    assert server(Address("s3://bucket/x", "s3")) is None
    assert server(Address("/a/b.csv")) is None


def test_a_scheme_has_two_letters() -> None:
    """A drive of Windows is none."""
    assert is_url("s3://x")
    assert not is_url("c://x")


def test_controls_are_shown_as_what_they_are() -> None:
    """A name that could reorder or hide text on a screen is spelled out."""
    assert printable("a\x1b[2Jb\u202ec\udc80") == "a\\x1b[2Jb\\u202ec\\udc80"
    assert printable("Ångström …") == "Ångström …"
