"""How well attacks tell who was in the training data, as a picture in a cell.

The drawing is the Lab extension's own, the one that a reviewer sees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from workbench.widgets.bundles import bundled

__all__ = ["RocWidget"]


class RocWidget(anywidget.AnyWidget):  # type: ignore[misc]
    """A picture with two logarithmic axes: who is recognised, at how many false alarms.

    ``report`` is a leakage report (:class:`workbench.findings.leakage.LeakageReport`) as JSON.
    """

    _esm = bundled("roc", "picture")

    report = traitlets.Unicode("").tag(sync=True)

    def __init__(self, report: Mapping[str, Any], **options: Any) -> None:
        super().__init__(report=json.dumps(report), **options)
