"""Share a model from a notebook without giving away the data behind it.

In a notebook::

    import workbench as wb

    wb.track()                                          # keep where models come from (or %load_ext)
    wb.dataset(table, name="cohort", classification="confidential")    # label data; it flows on
    X, y, planted = wb.plant(X, y)                      # before training: would it remember these?
    wb.inspect(model)                                   # what would it give away?
    wb.share(model)                                     # a form; a release when published
    wb.provenance(model)                                # a picture of where it comes from
    wb.request_access("org/name:1.0")                   # a form; a request when sent
    model = wb.open("org/name:1.0").load()              # verified step by step, then loaded
    wb.trace("found.safetensors", release="org/name:1.0")        # whose marked copy is it?
    wb.me()                                             # all a person can do: decide, audit, …

The parts, in reading order:

``errors``      the error tree, by who is at fault
``encoding``    the single byte form of anything hashed or signed
``forms``       what the nouns are made of: the frozen base and the typed strings
``vocabulary``  the words they choose from: rights, levels, roles, states
``predicates``  signed statements read back as records
``listing``     what a catalogue shows of a release
``records``     the nouns, one definition for disk, wire and screen
``seeking``     streams that are read from any place
``crypto``      keys, sealed files (age) and signed statements (DSSE)
``ledger``      the log that cannot be edited quietly
``policy``      may this person, and does this state allow it
``origin``      where a model comes from, as records that are signed, compared and exported
``findings``    what an inspection says, as records that are signed
``scanning``    whether opening a file could run code
``release``     what a release is made of, and how a received one is doubted, step by step
``stores``      contracts with the outside world, and their implementations
``services``    the verbs of an exchange
``session``     one person at one exchange
``views``       what people see
``tracing``     where releases come from, as one person may see it
``analysis``    what a cell's code does with names
``senses``      how reading and writing is noticed
``training``    how a model was trained, and in what surroundings
``hygiene``     code and outputs before they leave
``converting``  models in safer forms, with proof that they say the same
``retention``   training rows kept inside a model
``leakage``     attacks on a model, measured
``hidden``      what else may be stored in its numbers
``standin``     made-up data that looks like a table
``marking``     a recipient's mark in a copy of a model
``inspection``  the checks of a model at Share
``capture``     what a notebook session did, and what a model in it came of
``notebook``    the functions for notebooks
``widgets``     their forms
``lab``         the Jupyter server extension
``cli``         the command line
``workshop``    four people in one browser
``app``         the composition root
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from workbench._version import __version__

__all__ = [
    "__version__", "changes", "dataset", "export", "inspect", "lineage", "me", "open", "plant",
    "provenance", "recall", "request_access", "sanitise", "scan", "share", "synthetic", "trace",
    "track", "use", "who",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import the notebook functions when they are first used, so that ``import`` stays light."""
    if name in __all__:
        return getattr(import_module("workbench.app").notebook(), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Start tracking: ``%load_ext workbench``; what sharing needs is loaded when it is used."""
    import_module("workbench.capture.tracker").start(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@sharing-workbench/labextension"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "workbench.app"}]
