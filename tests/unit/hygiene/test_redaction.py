"""Secrets in code: found, taken out, named without being repeated; code without them unharmed."""

from __future__ import annotations

import ast
import base64
import importlib
import json
import socket
import string
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import Unavailable
from workbench.hygiene import redaction
from workbench.hygiene.redaction import REMOVED, Finding, redact, redact_all, scan
from workbench.origin.graph import MAX_CODE
from workbench.origin.record import Cell

AWS = "AKIA" + "IOSFODNN7EXAMPLE"  # written in two parts, or scanners of this file would find it
GITHUB = "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz"
SLACK = "xoxb-" + "123456789012-1234567890123-abcdefghijklmnopqrstuvwx"
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"anna","iat":1516239022}', b"signature")
)
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nq83vEjRWeJASNA==\n"
    "-----END RSA PRIVATE KEY-----"
)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
COMMIT = "54dead7a1b2c3d4e5f60718293a4b5c6d7e8f901"

# code, what must not be left of it
SECRETS = {
    "a password": ('password = "hunter2hunter2"', "hunter2"),
    "a short password": ('db_pwd = "x1"', "x1"),
    "a password of digits": ("pin = 4711", "4711"),
    "single quotes": ("API_KEY = 'abc-def'", "abc-def"),
    "an attribute": ('self.secret = "geheim"', "geheim"),
    "a dictionary": ('login = {"user": "anna", "password": "geheim"}', "geheim"),
    "a key of a dictionary": ('os.environ["AWS_SECRET_ACCESS_KEY"] = "geheim"', "geheim"),
    "an argument": ('connect(host, user="anna", password="geheim")', "geheim"),
    "a default": ('def connect(user, password="geheim"): pass', "geheim"),
    "a fallback": ('os.environ.get("DB_PASSWORD", "geheim")', "geheim"),
    "a pair": ('requests.get(url, auth=("anna", "geheim"))', "geheim"),
    "a comparison": ('if password == "geheim": pass', "geheim"),
    "parts": ('token = "geh" + "eim"', "eim"),
    "lines joined": ('password = ("geheim"\n    "nisse")', "nisse"),
    "encoded": ('secret = "geheim".encode()', "geheim"),
    "several lines": ('password = """geheim\nnisse"""', "nisse"),
    "an f-string": ('password = f"geheim{year}"', "geheim"),
    "bytes": ('secret_key = b"geheim"', "geheim"),
    "after umlauts": ('größe = "ä"; password = "geheim"; x = 1', "geheim"),
    "several names": ('user, password = "anna", "geheim"', "geheim"),
    "an address": ('url = "postgresql://anna:geheim@host/db"', "geheim"),
    "an address with signs": ('url = "mysql://anna:ge:he/im@host/db"', "he/im"),
    "a query": ('pd.read_csv("https://x.org/a.csv?sv=1&sig=geheim%3D")', "geheim"),
    "a header": ('h = {"Authorization": "Bearer abc123def456"}', "abc123def456"),
    "a comment": ("# password: geheim", "geheim"),
    "a comment behind code": ("x = 1  # token = geheim", "geheim"),
    "a magic": ("%env OPENAI_API_KEY=geheim", "geheim"),
    "a shell": ("!wget --password geheim --user anna https://x.org", "geheim"),
    "a shell's user": ("!curl -u anna:geheim https://x.org", "geheim"),
    "a cell of a shell": ("%%bash\nexport TOKEN=geheim\necho x", "geheim"),
    "a timed line": ('%time api_key = "geheim"', "geheim"),
    "broken code": ('x = (\npassword = "geheim"', "geheim"),
    "AWS": (f'key = "{AWS}"', AWS),
    "GitHub": (f'x = "{GITHUB}"', GITHUB),
    "GitHub in a shell": (f"!git clone https://{GITHUB}@github.com/a/b", GITHUB),
    "Slack": (f'x = "{SLACK}"', SLACK),
    "a web token": (f'x = "{JWT}"', JWT),
    "a private key": (f'x = """{PEM}"""', "q83vEjRWeJASNA"),
    "a private key in one line": (f"x = {PEM!r}", "q83vEjRWeJASNA"),
    "a private key cut off": (f'x = """{PEM[:60]}', "MIIEpAIB"),
    "a random text": (f'x = "{string.ascii_letters[:20]}0q9W8e7R6t5"', "0q9W8e7R6t5"),
    "a random number": (f'x = "{SHA256}"', SHA256),
}
HARMLESS = [
    f'sha256 = "{SHA256}"',
    f'assert digest == "{SHA256}"',
    f'commit = "{COMMIT}"',
    'df = pd.read_csv("data/raw/patients_2021_final-version/outcome_table-v2")',
    'vectorizer = TfidfVectorizer(token_pattern=r"(?u)\\b\\w+\\b")',
    'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")',
    'pad_token = "[PAD]"',
    "max_token = 512",
    'password = os.environ["DB_PASSWORD"]',
    'password = getpass("Password: ")',
    'url = f"postgresql://{user}:{password}@{host}/db"',
    'password = ""',
    'password = "***"',
    "pin = None",
    'df.to_csv("https://example.org:8080/a/b.csv")',
    'model = LogisticRegression(C=0.5, solver="lbfgs")',
    "df[['age', 'bmi', 'hba1c']].groupby('age').mean()  # by age",
    'x = "Die Patientin war am 3.4.2021 zur Kontrolle"',
    'key = "patient_id"; df.set_index(key)',
    '"""Read the token of a bearer of a secret: the password is asked for."""',
]


class TestFinding:
    @pytest.mark.parametrize("name", SECRETS)
    def test_a_secret_is_taken_out(self, name: str) -> None:
        """Something stands in its place, and the finding does not repeat it."""
        code, secret = SECRETS[name]
        assert secret in code
        left, findings = redact(code)
        assert secret not in left
        assert REMOVED in left
        assert findings == scan(code)
        assert findings
        assert secret not in repr(findings)

    @pytest.mark.parametrize("code", HARMLESS)
    def test_other_code_is_left_as_it_is(self, code: str) -> None:
        """Digests that are called so, paths, words of language models, blanks to be filled in."""
        assert redact(code) == (code, [])

    def test_what_is_found_is_named_by_line(self) -> None:
        """Lines stay where they were, also where a secret had several."""
        code = f'x = 1\nkey = """{PEM}"""\n\npassword = "geheim"\n'
        left, findings = redact(code)
        assert left.count("\n") == code.count("\n")
        assert [finding.line for finding in findings] == [2, 7]
        assert findings[0] == Finding(2, "Private Key")

    def test_code_stays_code(self) -> None:
        """What is between quotes is replaced, not the quotes, so the rest can still be read."""
        parsed = 0
        for name, (code, _) in SECRETS.items():
            try:
                ast.parse(code)
            except SyntaxError:
                continue
            if name != "lines joined":  # of which the quotes between the lines go as well
                ast.parse(redact(code)[0].replace(REMOVED, "removed"))
                parsed += 1
        assert parsed > 25

    def test_a_secret_found_once_is_taken_out_of_all_cells(self) -> None:
        """Where it is printed or passed on, nothing says that it is one."""
        cells = ['password = "hunter2hunter2"', 'login("anna", "hunter2hunter2")', "x = 1"]
        cleaned = redact_all(cells)
        assert cleaned[1][0] == f'login("anna", "{REMOVED}")'
        assert [len(findings) for _, findings in cleaned] == [1, 1, 0]

    @given(
        st.text(
            string.ascii_letters + string.digits + "!#%&()*+,-./:;<=>?@[]^_{|}~äß ", min_size=4
        ),
        st.sampled_from(["password", "db_password", "my_secret", "API_KEY", "accessToken"]),
        st.sampled_from(["{n} = {v!r}", "f({n}={v!r})", "x = {{'{n}': {v!r}}}", "a.{n} = {v!r}"]),
    )
    def test_any_literal_of_such_a_name_is_taken_out(
        self, value: str, name: str, form: str
    ) -> None:
        """Whatever signs it is made of."""
        code = form.format(n=name, v=value)
        left, findings = redact(code)
        if findings:
            assert left == code.replace(repr(value), repr(value)[0] + REMOVED + repr(value)[-1])
        else:  # only blanks and references to other names are no secrets
            assert set(value) <= set("*.xX") or value[0] in "{$"

    @given(st.text())
    def test_any_text_comes_out_fit_for_a_record(self, code: str) -> None:
        """Without control characters, with one kind of line end; doing it again changes nothing."""
        left, _ = redact(code)
        Cell(execution=1, digest="sha256:" + "0" * 64, code=left[:MAX_CODE])
        assert "\r" not in left
        assert redact(left)[0] == left

    def test_line_ends_become_one_kind(self) -> None:
        """As they would be read from a file."""
        assert redact("a = 1\r\nb = 2\rc = 3\x00\u202e")[0] == "a = 1\nb = 2\nc = 3"

    def test_a_line_that_is_too_long_is_cut(self) -> None:
        """What was not searched does not travel."""
        left, findings = redact("x = '" + "ab " * 5000 + "'\ny = 2")
        assert len(left) < 6000
        assert left.endswith(f"{REMOVED}\ny = 2")
        assert findings == [Finding(1, "Line too long to search")]


class TestAgainstDetectSecrets:
    def test_all_that_its_command_finds_is_found(self, tmp_path: Path) -> None:
        """Line by line, kind by kind; the rest are rules of our own."""
        lines = [code for code, _ in SECRETS.values() if "\n" not in code] + HARMLESS
        code = "\n".join(lines)
        (tmp_path / "cell.py").write_text(code, "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "detect_secrets", "scan", "-n", "--all-files", "cell.py"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        )
        theirs = {one["line_number"] for one in json.loads(done.stdout)["results"]["cell.py"]}
        ours = {finding.line for finding in scan(code)}
        assert len(theirs) >= 10
        assert {line for line in theirs if lines[line - 1] not in HARMLESS} <= ours
        assert "hunter2hunter2" in code  # which it misses in the JSON of a notebook's file

    def test_nothing_is_asked_of_the_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whether a secret still works is nobody's business."""

        def refuse(*args: Any, **kwargs: Any) -> NoReturn:
            raise AssertionError("a connection was tried")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        code = "\n".join(code for code, _ in SECRETS.values())
        assert len(scan(code)) >= 10

    def test_without_it_no_code_is_called_clean(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is said what is missing, and that the code stays."""

        def missing(name: str) -> NoReturn:
            raise ModuleNotFoundError(name)

        assert redaction.import_module is importlib.import_module
        monkeypatch.setattr(redaction, "import_module", missing)
        redaction._finders.cache_clear()
        try:
            with pytest.raises(Unavailable, match="detect-secrets is not installed") as caught:
                redact("x = 1")
        finally:
            redaction._finders.cache_clear()
        assert caught.value.unchanged == "The code stays here."
