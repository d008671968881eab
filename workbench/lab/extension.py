"""Mounting the interface in a Jupyter server."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import url_path_join

from workbench.lab.desk import Desk, Workplace
from workbench.lab.handlers import RouteHandler

__all__ = ["load"]


def load(server_app: Any, open_workplace: Callable[[Callable[[], str | None]], Workplace]) -> Desk:
    """Add the handlers to a running server and serve its kernels with an agent."""
    contents = server_app.contents_manager
    on_disk = isinstance(contents, FileContentsManager)
    desk = Desk(open_workplace, Path(contents.root_dir) if on_disk else None)
    desk.start_agent()
    atexit.register(desk.stop_agent)
    pattern = url_path_join(server_app.web_app.settings["base_url"], "workbench", "api", "(.*)")
    server_app.web_app.add_handlers(".*$", [(pattern, RouteHandler, {"desk": desk})])
    server_app.log.info(
        "Sharing workbench: private keys are %s", desk.workplace.keystore.describe()
    )
    return desk
