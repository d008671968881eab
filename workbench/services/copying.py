"""A marked copy is made when a request is approved: opened aside, marked, sealed for one grant.

The approving reviewer's device holds the release keys as a custodian. What it opens lies in private
folders aside only while the work lasts, and is gone however that ends. Until the grant is recorded
nothing of the copy is visible in the store, and it can be called off.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from workbench.crypto import age
from workbench.errors import Denied, NotFound, Unavailable, WorkbenchError
from workbench.records import Device, Release, Request
from workbench.release import copied, layout, signing
from workbench.services import envelopes, parcels, sealing, unlocking
from workbench.services.context import Actor, Context, Progress, release_ref
from workbench.services.marks import MarkedFile, Room, copies, marker
from workbench.services.withheld import Withheld
from workbench.stores.contracts import Blobs

__all__ = ["CASTING", "UNCHANGED", "Made", "Marking", "make", "rehearse", "trace"]

CASTING = "Casting the vote"
"""What progress is told last, when there is still time to cancel."""

UNCHANGED = "The request is as it was, and no copy was made."


@dataclass(frozen=True)
class Marking:
    """How a reviewer has copies marked.

    Attributes:
        room: where it is done, with the reviewer's marking key and notes.
        progress: is told how far it is; may raise to cancel, for the last time at :data:`CASTING`.
        evaluate: says how good a model is, given all its files by their names; asked before and
            after.
    """

    room: Room
    progress: Progress
    evaluate: Callable[[Mapping[str, BinaryIO]], float] | None = None


@dataclass(frozen=True)
class Made:
    """A sealed copy: for which grant, the digest of its manifest, and its key.

    It is :meth:`keep` that puts it into the store, and notes whose it is.
    """

    grant: str
    manifest: str
    weights: age.Identity = field(repr=False)
    blobs: Withheld = field(repr=False)
    note: Callable[[], object] = field(repr=False)

    def keep(self) -> None:
        """Make the copy visible, as the last thing before the grant is recorded.

        What it carries is noted before: nobody may open a copy that could not be traced. Should the
        records fail even now, for want of disk say, the note stays, which then names nobody's copy,
        and so do the blobs, whose keys are gone. Neither does harm: a note too many is never found
        in a file, while one too few would let a copy go unnamed.

        Raises:
            InputError, TrustError, Unavailable: the notes are full or damaged, or the disk is full.
        """
        self.note()
        self.blobs.keep()

    def drop(self) -> None:
        """Forget what is not visible; harmless after :meth:`keep`."""
        self.blobs.drop()


def make(
    context: Context,
    actor: Actor,
    release: Release,
    request: Request,
    device: Device,
    marking: Marking,
) -> Made:
    """Mark a copy of a release for a grant that is yet to be made, to ``device`` of the requester.

    Nothing of it stays unless it is kept; the caller keeps or drops it. Of a process that is killed
    meanwhile the store removes what it left.

    Raises:
        Denied: a file could run code when it is opened.
        InputError: weights in which a mark would be fragile, or that lose too much quality.
        NotFound: the actor's device holds no keys.
        TrustError: the release does not verify, or the marking key is gone.
        Unavailable: the disk is full, or the keystore is locked.
    """
    grant = context.new_id("gr")
    classical = not device.recipient.startswith("age1pq1")
    weights = sealing.new_keys(context.random, classical=classical).weights
    blobs = Withheld(context.blobs)
    with ExitStack() as undo, _marked(context, actor, release, marking, grant) as copy:
        undo.callback(blobs.drop)
        sealed = sealing.seal_files(
            copy.files, weights.recipient, blobs, context.random, marking.progress
        )
        said = copied.Said(
            release=release.key,
            manifest=release.manifest,
            grant=grant,
            person=request.person,
            root=signing.root_digest(sealed.resources),
            marked=tuple(_part(file) for file in copy.marked),
        )
        manifest = _stored(context, actor, release, said, sealed, weights, blobs)
        note = functools.partial(
            marker().note,
            context,
            marking.room.shelf,
            copy,
            ref=release.key,
            manifest=manifest,
            person=request.person,
            devices=[device.id],
            granted=True,
        )
        undo.pop_all()
    return Made(grant, manifest, weights, blobs, note)


def rehearse(context: Context, actor: Actor, release: Release, marking: Marking) -> None:
    """Mark a copy and throw it away: so a vote never asks for a mark that cannot be made.

    Raises:
        Denied, InputError, NotFound, TrustError, Unavailable: as :func:`make`.
    """
    with _marked(context, actor, release, marking, context.new_id("gr")):
        pass


def trace(
    context: Context,
    actor: Actor,
    room: Room | None,
    found: Sequence[sealing.ModelFile],
    against: Sequence[sealing.ModelFile] | str,
    progress: Progress,
) -> list[Any]:
    """Return whose marked copies found files are (:class:`workbench.services.marking.Answer`).

    They are compared with the unmarked model: its files, or its release by name. That is then
    opened with this device's keys, as owner or custodian, and gone afterwards; the log says so.

    Raises:
        Denied: the person is suspended (recorded).
        InputError: as :func:`workbench.services.marking.whose`.
        NotFound: no copy was marked from here, no such release, or this device holds no keys.
        TrustError: naming the step that failed; or the notes or the marking key are damaged.
        Unavailable: the keystore is locked, the disk is full, or nothing is marked from here.
    """
    if room is None:
        raise Unavailable("Copies are neither marked nor traced from here.")
    if not isinstance(against, str):
        answers: list[Any] = marker().whose(context, actor, room.shelf, against, found, progress)
        return answers
    if all(copy.ref != against for copy in copies(room.shelf)):
        raise NotFound(
            f"No copy of {against} was marked from here.",
            unchanged="Nobody was named, and nothing was opened.",
            hint="Ask whoever approved the requests with a mark: the log says who that was.",
        )
    with _original(context, actor, against, room, progress) as files:
        return trace(context, actor, room, found, files, progress)


@contextmanager
def _original(
    context: Context, actor: Actor, ref: str, room: Room, progress: Progress
) -> Iterator[Sequence[sealing.ModelFile]]:
    """Open the unmarked model, and record that it was opened and what for."""
    with context.changing(actor, "trace", release=ref) as writing:
        if context.member(writing, actor).suspended:
            raise Denied("You are suspended.", unchanged="Nothing was opened.")
        release = release_ref(writing, ref)
        envelopes.own(writing, actor, release)
        writing.append(
            context.event(
                actor,
                "opened",
                release=ref,
                reason="to find whose copy a file is",
                statement=actor.act("open", {"release": ref, "manifest": release.manifest}),
            )
        )
    with _opened(context, actor, release, room, progress) as files:
        yield files


@contextmanager
def _marked(
    context: Context, actor: Actor, release: Release, marking: Marking, grant: str
) -> Iterator[Any]:
    """Give a :class:`workbench.services.marking.Copy`, and say that failures changed nothing."""
    room = marking.room
    try:
        with (
            _opened(context, actor, release, room, marking.progress) as files,
            room.aside() as aside,
        ):
            yield marker().copy_for(
                context,
                actor,
                files,
                aside,
                room.shelf,
                marking.progress,
                grant=grant,
                evaluate=marking.evaluate,
            )
    except WorkbenchError as error:
        error.unchanged = UNCHANGED
        raise
    except BaseException as error:  # Ctrl-C, or whatever progress or an evaluation raises
        error.add_note(UNCHANGED)
        raise


@contextmanager
def _opened(
    context: Context, actor: Actor, release: Release, room: Room, progress: Progress
) -> Iterator[Sequence[sealing.ModelFile]]:
    """Verify a release with the actor's own envelope, and open its files aside."""
    own = envelopes.own(context.records, actor, release)
    parcel = parcels.parcel(context, context.records, release, None, own)
    with room.aside() as aside:
        unlocking.unlock(
            parcel, context.blobs, actor.signer, aside.create, context.now(), _part_of(progress)
        )
        yield aside.files()


def _part_of(progress: Progress) -> Progress:
    """Pass on how far a part of longer work is, but not its last word, that all is done."""

    def tell(what: str, done: int, total: int) -> None:
        if what != "Done":
            progress(what, done, total)

    return tell


def _stored(
    context: Context,
    actor: Actor,
    release: Release,
    said: copied.Said,
    sealed: sealing.Sealed,
    weights: age.Identity,
    blobs: Blobs,
) -> str:
    """Sign what is said about a copy, store it with the copy's manifest; return its digest."""
    document = copied.compose(
        actor.act(copied.KIND, said.model_dump(mode="json")),
        signing.sign(
            release.listing.name, sealed.resources, actor.signer.sign, actor.device.signing_key
        ),
    )
    closed = age.encrypt_bytes(document, [weights.recipient], random=context.random)
    digest = sealing.store(closed, blobs)
    manifest = layout.Manifest(
        config=layout.Descriptor.of(layout.LISTING, release.listing.to_bytes()),
        evidence=layout.Descriptor(layout.EVIDENCE, digest, len(closed)),
        files=sealed.layers,
    )
    return sealing.store(manifest.to_bytes(), blobs)


def _part(file: MarkedFile) -> copied.MarkedPart:
    numbers = file.mark.model_dump(include=set(copied.MarkedPart.model_fields))
    return copied.MarkedPart(name=file.name, **numbers)
