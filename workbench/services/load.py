"""An opened model that is a program is loaded, if the person insists and the policies allow it."""

from __future__ import annotations

from dataclasses import replace

from workbench.findings.scan import Outcome, ScanReport
from workbench.services import content, questions
from workbench.services.context import Actor, Context, release_ref
from workbench.vocabulary import Verdict

__all__ = ["Load"]


class Load:
    """Whether a model may be loaded in a form that could run code."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def may(self, actor: Actor, ref: str, report: ScanReport, *, insisted: bool) -> None:
        """Ask the gateway, and record that the model is loaded; loading is the caller's.

        Args:
            report: what was found just now in the files as they are, which is what the gateway
                decides by; what was measured when the release was published does not count.
            insisted: the person was told what may happen, and wants it all the same.

        Raises:
            Denied: a file could run somebody else's code, or a policy says no (recorded; the
                alternatives are with it).
            NotFound: no such release.
        """
        context = self._context
        with context.changing(actor, "load", release=ref) as writing:
            person = context.member(writing, actor)
            release = release_ref(writing, ref)
            content.refuse(report, "Nothing was loaded.")
            safe = report.outcome is Outcome.safe
            question = replace(
                questions.about_release(writing, "load", person, release),
                scan=report.verdict.value,
                safe_form=(Verdict.passed if safe else Verdict.failed).value,
                insisted=insisted,
            )
            context.require(context.decide(writing, question))
            found = {
                "insisted": insisted,
                "kinds": sorted({file.kind for file in report.files}),
                "rules": report.rules,
            }
            writing.append(
                context.event(
                    actor,
                    "loaded",
                    release=ref,
                    details=found,
                    statement=actor.act(
                        "load", {"release": ref, "manifest": release.manifest, **found}
                    ),
                )
            )
