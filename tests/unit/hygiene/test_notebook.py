"""The code that travels: secrets out, digests that give nothing away, the right notebook's name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.hygiene import notebook as hygiene
from workbench.hygiene import redaction
from workbench.hygiene.notebook import Executed, cells, notebook_file
from workbench.origin.graph import MAX_CODE
from workbench.origin.record import Notebook, Repeat


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class TestCells:
    def test_code_without_secrets_travels_as_it_ran(self, tmp_path: Path) -> None:
        """With its digest, its cell, and the name and digest of the file."""
        file = tmp_path / "study.ipynb"
        file.write_bytes(b'{"cells": []}')
        ran = [Executed(3, "x = 1", "abc"), Executed(4, "x = 2\r\n")]
        found = cells(ran, file=file)
        assert (found.name, found.digest) == ("study.ipynb", digest('{"cells": []}'))
        assert [(one.execution, one.cell, one.code) for one in found.cells] == [
            (3, "abc", "x = 1"),
            (4, "", "x = 2\n"),
        ]
        assert [one.digest for one in found.cells] == [digest("x = 1"), digest("x = 2\r\n")]
        assert found.secrets == ()
        assert str(tmp_path) not in found.to_bytes().decode()

    def test_a_secret_is_out_of_the_code_and_of_every_digest(self, tmp_path: Path) -> None:
        """A digest of code with a weak password would let anyone try passwords against it."""
        file = tmp_path / "study.ipynb"
        file.write_text("password = 'sommer24'")
        ran = [Executed(1, "x = 1"), Executed(2, "y = 2\npassword = 'sommer24'")]
        found = cells(ran, file=file)
        assert found.secrets == ("Secret Keyword in In [2] line 2",)
        assert found.digest is None
        kept = found.cells[1]
        assert kept.code == "y = 2\npassword = '«removed»'"
        assert kept.digest == digest(kept.code)
        assert kept.withheld.startswith("Secrets were taken out")
        assert found.cells[0].digest == digest("x = 1")
        assert "sommer24" not in found.to_bytes().decode()

    def test_long_code_is_cut_and_says_so(self) -> None:
        """A record holds so much of one cell; the digest is of all that ran."""
        code = "x = 1\n" * 5000
        [kept] = cells([Executed(1, code)]).cells
        assert len(kept.code) == MAX_CODE
        assert kept.digest == digest(code)
        assert kept.withheld.startswith("The code is cut here")

    def test_a_secret_behind_the_cut_is_still_found(self) -> None:
        """It could stand in the code of another cell as well."""
        code = "x = 1\n" * 4000 + "password = 'geheim123'"
        found = cells([Executed(1, code), Executed(2, "login('geheim123')")])
        assert found.cells[1].code == "login('«removed»')"
        assert found.secrets[0] == "Secret Keyword in In [1] line 4001"

    def test_only_the_last_of_very_many_executions_are_kept(self) -> None:
        """As many as a record holds."""
        found = cells(Executed(number, "x") for number in range(2500))
        assert [found.cells[0].execution, found.cells[-1].execution] == [500, 2499]
        assert len(found.cells) == 2000

    def test_without_detect_secrets_code_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing of it travels but that it ran."""

        def missing(name: str) -> NoReturn:
            raise ModuleNotFoundError(name)

        monkeypatch.setattr(redaction, "import_module", missing)
        redaction._finders.cache_clear()
        try:
            found = cells([Executed(1, "x = 1")])
        finally:
            redaction._finders.cache_clear()
        [kept] = found.cells
        assert (kept.code, kept.digest) == ("", digest("x = 1"))
        assert "detect-secrets" in kept.withheld

    def test_repeats_are_kept(self) -> None:
        """As they were found."""
        repeat = Repeat(where="In [2]", rows=5, columns=("age",))
        assert cells([], repeats=[repeat]).repeats == (repeat,)

    @given(st.lists(st.builds(Executed, st.integers(0, 2**31), st.text(), st.text()), max_size=5))
    def test_any_code_makes_a_record(self, ran: list[Executed]) -> None:
        """Whatever somebody ran: control characters, halves of characters, nothing."""
        found = cells(ran)
        assert Notebook.from_bytes(found.to_bytes()) == found

    def test_code_that_no_encoding_has(self) -> None:
        """Half of a character in a text is left out of what travels."""
        [kept] = cells([Executed(1, "x = '\ud800'")]).cells
        assert kept.code == "x = ''"


class TestNotebookFile:
    def test_jupyter_says_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a variable of the kernel, also while several people edit."""
        file = tmp_path / "a.ipynb"
        file.touch()
        monkeypatch.setenv("JPY_SESSION_NAME", str(file))
        assert notebook_file({}) == file
        monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "RTC:a.ipynb"))
        assert notebook_file({}) == file

    def test_vs_code_says_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Among the names of the notebook."""
        monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
        file = tmp_path / "b.ipynb"
        file.touch()
        assert notebook_file({"__vsc_ipynb_file__": str(file)}) == file

    @pytest.mark.parametrize("said", ["", "3f2a-11", "missing.ipynb", "/", ".ipynb", "RTC:"])
    def test_what_is_no_file_is_no_notebook(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
    ) -> None:
        """A console's session has a number, a renamed notebook is gone."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("JPY_SESSION_NAME", said)
        assert notebook_file({"__vsc_ipynb_file__": 3}) is None

    def test_a_file_that_is_gone_has_no_digest(self, tmp_path: Path) -> None:
        """Its name is still said."""
        found = cells([], file=tmp_path / "gone.ipynb")
        assert (found.name, found.digest) == ("gone.ipynb", None)

    def test_repeats_can_be_asked_from_here(self) -> None:
        """One module for whoever puts a notebook's record together."""
        assert hygiene.repeats([], {}) == ((), [])
