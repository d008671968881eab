"""The lineage graph in a cell: of Lab, Notebook 7, VS Code, anything that shows anywidgets.

The drawing is the Lab extension's own module, bundled into one file that loads nothing from
anywhere. What is shown stays the notebook's: the graph holds names and digests, no data values.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from workbench.origin.graph import Graph
from workbench.widgets.bundles import bundled

__all__ = ["GraphWidget"]


class GraphWidget(anywidget.AnyWidget):  # type: ignore[misc]
    """A lineage to look at: pan, zoom, search, path back to the sources, table, SVG and PNG.

    ``graph`` is the lineage as JSON, ``name`` what it is called, ``chosen`` the id of the node
    that is chosen, or empty; ``chosen`` follows the person and can be set.
    """

    _esm = bundled("graph", "lineage graph")

    graph = traitlets.Unicode("").tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)

    def __init__(self, graph: Graph, *, name: str = "", **options: Any) -> None:
        super().__init__(graph=graph.model_dump_json(), name=name, **options)

    def show(self, graph: Graph) -> None:
        """Draw another lineage in the same place."""
        self.graph = graph.model_dump_json()

    @property
    def shown(self) -> Graph:
        """The lineage that is drawn.

        Raises:
            pydantic.ValidationError: ``graph`` was set to JSON that is no lineage.
        """
        return Graph.model_validate_json(self.graph)
