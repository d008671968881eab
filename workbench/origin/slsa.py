"""How a model was made, as SLSA provenance: what went in, where it ran, and when.

It is signed with the rest of the evidence, before there is a release to name. Where SLSA speaks of
a build, here a notebook ran; the builder is the kernel it ran in, which vouches for no more than
the person who owns it.

Source: SLSA v1.0, https://slsa.dev/provenance/v1; in-toto attestation, ResourceDescriptor v1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from workbench.encoding import digest
from workbench.origin.graph import Graph, Kind, Node
from workbench.origin.labels import lineage
from workbench.origin.record import Environment, Notebook, Training
from workbench.origin.rendering import began, digest_hex, ended, purl, sha256, shown, stamp

__all__ = ["BUILDER", "BUILD_TYPE", "PREDICATE_TYPE", "predicate"]

PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "urn:sharing-workbench:notebook-run:v1"
BUILDER: Final = "urn:sharing-workbench:kernel:v1"

_URI: Final = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+:[^\s]+\Z")  # longer than a drive letter

Block = dict[str, Any]


def predicate(
    graph: Graph,
    training: Training | None = None,
    environment: Environment | None = None,
    notebook: Notebook | None = None,
    *,
    model: str = "",
    version: str = "",
) -> Block:
    """Return the predicate of a statement of type :data:`PREDICATE_TYPE`.

    ``model`` is the variable's name where there is no training to tell it, ``version`` that of the
    program that recorded the run. The invocation is known by the digest of its lineage.

    Raises:
        InputError: the lineage has no canonical form (integers beyond ±2**53).
    """
    steps = [node for node in lineage(graph) if node.kind is Kind.step]
    starts = [moment for step in steps if (moment := began(step))]
    ends = [moment for step in steps if (moment := ended(step) or began(step))]
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": _asked(training, notebook, model),
            "internalParameters": _surroundings(environment),
            "resolvedDependencies": list(_dependencies(graph, environment, notebook)),
        },
        "runDetails": {
            "builder": {
                "id": BUILDER,
                **({"version": {"sharing-workbench": version}} if version else {}),
            },
            "metadata": {
                "invocationId": digest(graph.to_bytes()),
                **({"startedOn": stamp(min(starts))} if starts else {}),
                **({"finishedOn": stamp(max(ends))} if ends else {}),
            },
        },
    }


def _asked(training: Training | None, notebook: Notebook | None, model: str) -> Block:
    """Return what somebody chose: the notebook, the model, its hyperparameters and seeds."""
    name = training.name if training else model
    return {
        **({"notebook": notebook.name} if notebook and notebook.name else {}),
        **({"model": name} if name else {}),
        **(
            {
                "parameters": {part.path: dict(part.parameters) for part in training.parts},
                "seeds": dict(training.seeds),
            }
            if training
            else {}
        ),
    }


def _surroundings(environment: Environment | None) -> Block:
    if environment is None:
        return {}
    return {
        "python": environment.python,
        "machine": dict(environment.machine),
        "threads": dict(environment.threads),
        **({"dirty": environment.git.dirty} if environment.git else {}),
    }


def _dependencies(
    graph: Graph, environment: Environment | None, notebook: Notebook | None
) -> Iterator[Block]:
    """Yield a resource descriptor for everything that went in, with a digest where one is known."""
    for node in lineage(graph):
        if node.kind is Kind.source or (node.kind is Kind.release and node.id != graph.target):
            yield _resource(node)
    if notebook and (content := digest_hex(notebook.digest)):
        yield {"name": notebook.name or "notebook", "digest": {"sha256": content}}
    if environment is None:
        return
    if environment.git:
        commit = environment.git.commit
        yield {"name": "repository of the notebook", "digest": {"gitCommit": commit}}
    if content := digest_hex(environment.container):
        yield {"name": "container", "digest": {"sha256": content}}
    for package, version in sorted(environment.packages.items()):
        uri = purl(package, version)
        yield {"name": f"{package} {version}", **({"uri": uri} if uri else {})}


def _resource(node: Node) -> Block:
    details, content = shown(node), sha256(node)
    address = details.get("ref" if node.kind is Kind.release else "address")
    address = address if isinstance(address, str) else ""
    return {
        "name": node.label,
        **({"uri": address} if node.kind is Kind.source and _URI.match(address) else {}),
        **({"digest": {"sha256": content}} if content else {}),
        "annotations": {"kind": node.kind.value, **details},
    }
