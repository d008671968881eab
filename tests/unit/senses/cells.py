"""Cells that run as IPython runs them, with all senses listening; and files of every kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import joblib
import numpy as np
import pandas as pd
import polars as pl
import scipy.io

from workbench.senses.hashing import Digests
from workbench.senses.readings import Reading
from workbench.senses.together import Senses

__all__ = ["Cells", "listening", "make_files"]


class Cells:
    """A notebook without a kernel: names that stay, code that runs line by line."""

    def __init__(self, senses: Senses, folder: Path) -> None:
        self.senses = senses
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "__main__"}

    def run(self, code: str) -> list[Reading]:
        """Run a cell and return what it read and wrote; what it raises is raised after that."""
        self.senses.begin(self.names, code)
        try:
            exec(compile(code, "<cell>", "exec"), self.names)  # noqa: S102 - as a kernel does
        finally:
            readings = self.senses.end()
        return readings

    def marks(self, code: str) -> dict[str, str]:
        """Run a cell and return the mark of each thing it read, files by their name here."""
        return {self.short(one): one.mark.value for one in self.run(code) if not one.wrote}

    def written(self, code: str) -> dict[str, str]:
        """Run a cell and return the mark of each thing it wrote."""
        return {self.short(one): one.mark.value for one in self.run(code) if one.wrote}

    def short(self, one: Reading) -> str:
        """Return an address without the folder of the notebook."""
        return one.address.text.removeprefix(f"{self.folder}/")


@contextmanager
def listening(folder: Path, digests: Digests | None = None) -> Iterator[Cells]:
    """Listen to cells of a notebook in ``folder`` until the block ends."""
    senses = Senses(digests)
    senses.start()
    senses.watch(folder)
    try:
        yield Cells(senses, folder)
    finally:
        senses.stop()


def make_files(folder: Path) -> None:
    """Write one table in every form that is read in the tests."""
    table = pd.DataFrame({"age": [61.0, 47.0, 58.0], "dose": [4.0, 5.0, 6.0]})
    table.to_csv(folder / "a.csv", index=False)
    table.to_parquet(folder / "a.parquet")
    table.to_feather(folder / "a.feather")
    table.to_orc(folder / "a.orc")
    table.to_json(folder / "a.json")
    table.to_pickle(folder / "a.pkl")
    (folder / "parts").mkdir()
    for number in range(2):
        table.to_parquet(folder / "parts" / f"{number}.parquet")
    pl.from_pandas(table).write_ipc(folder / "a.arrow")
    pl.from_pandas(table).write_ndjson(folder / "a.ndjson")
    np.save(folder / "a.npy", table.to_numpy())
    np.savez(folder / "a.npz", rows=table.to_numpy())
    np.savetxt(folder / "a.txt", table.to_numpy())
    joblib.dump(table, folder / "a.joblib")
    scipy.io.savemat(folder / "a.mat", {"rows": table.to_numpy()})
    with h5py.File(folder / "a.h5", "w") as file:
        file["rows"] = table.to_numpy()
    (folder / "a.libsvm").write_text("1 0:1 1:2\n0 0:3 1:4\n" * 20)
    np.savetxt(folder / "lgb.csv", np.arange(300.0).reshape(100, 3) % 7, delimiter=",")
    with sqlite3.connect(folder / "a.sqlite") as database:
        table.to_sql("patients", database, index=False)
    database.close()
