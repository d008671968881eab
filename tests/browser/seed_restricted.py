"""Adds a second reviewer, and a restricted release that Noor asked for; run inside the workshop."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.browser.seed import PURPOSE, ask, publish
from tests.weights import weights
from workbench.app import open_workplace
from workbench.records import Facts
from workbench.vocabulary import Band, Right, Role, Sensitivity, Verdict


def main() -> None:
    """Leave one request that needs two votes, and a release to ask for."""
    workplace = open_workplace()
    workplace.init("vera", display="Vera", roles=[Role.reviewer])
    safe = Facts(scan=Verdict.passed, leakage=Band.low, retained_rows=Verdict.passed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.bin").write_bytes(weights(bytes(1000)))
        publish(workplace, folder, "cardio-lab/readmission", "1.0", title="Readmission")
        secret = publish(
            workplace, folder, "cardio-lab/ecg-net", "0.3", title="ECG net",
            sensitivity=Sensitivity.restricted, facts=safe,
            rights=(Right.infer, Right.retrieve, Right.fine_tune),
        )  # fmt: skip
    ask(workplace, secret, Right.retrieve, 14, PURPOSE)


if __name__ == "__main__":
    main()
