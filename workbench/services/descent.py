"""What was derived from what: the releases above and below one, as their listings say."""

from __future__ import annotations

from workbench.errors import NotFound
from workbench.records import Release
from workbench.stores.contracts import Reading

__all__ = ["ancestors", "descendants"]


def descendants(reading: Reading, release: Release) -> list[Release]:
    """Return every release derived from one, directly or not, nearest first."""
    children: dict[str, list[Release]] = {}
    for other in reading.find(Release):
        for parent in other.listing.parents:
            children.setdefault(parent.manifest, []).append(other)
    found: dict[str, Release] = {}
    waiting = [release]
    for current in waiting:  # grows while it is read: breadth first
        for child in children.get(current.manifest, ()):
            if child.key not in found:
                found[child.key] = child
                waiting.append(child)
    return list(found.values())


def ancestors(reading: Reading, release: Release) -> list[Release]:
    """Return every release that one was derived from, directly or not, nearest first."""
    found: dict[str, Release] = {}
    waiting = [release]
    for current in waiting:
        for parent in current.listing.parents:
            try:
                other = reading.get(Release, parent.ref)
            except NotFound:
                continue
            if other.key not in found and other.manifest == parent.manifest:
                found[other.key] = other
                waiting.append(other)
    return list(found.values())
