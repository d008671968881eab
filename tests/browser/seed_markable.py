"""Adds a release that can carry a mark and one that cannot; run inside the workshop."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy

from tests.browser.seed import PURPOSE, ask, publish
from workbench.app import open_workplace
from workbench.vocabulary import Right


def main() -> None:
    """Leave one request for weights in safetensors, and one for weights in another form.

    Beside the files of the server is left where the workshop is, for tests that act in it.
    """
    workplace = open_workplace()
    there = Path(os.environ["JUPYTER_CONFIG_DIR"]).with_name("workshop")
    there.write_text(f"{workplace.home}\n{os.environ['WORKBENCH_AGENT']}\n")
    layer = {"layer.weight": np.random.default_rng(1).normal(size=(64, 32)).astype("f4")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "words.txt").write_text("no weights")
        plain = publish(workplace, folder, "cardio-lab/words", "1.0", title="Words")
        safetensors.numpy.save_file(layer, folder / "model.safetensors")
        marked = publish(workplace, folder, "cardio-lab/readmission", "1.0", title="Readmission")
    for ref in (plain, marked):
        ask(workplace, ref, Right.retrieve, 14, PURPOSE)


if __name__ == "__main__":
    main()
