"""The command line: parse, call, print.

:mod:`console`    what every command shares
:mod:`owning`     people, publishing and the later life of releases
:mod:`asking`     the catalogue and requests
:mod:`reviewing`  deciding, revoking, what the gateway says
:mod:`opening`    opening, verifying, sealed files
:mod:`marking`    a mark for one person in a sealed file, and whose copy a file is
:mod:`tracing`    where releases come from, and what came of them
:mod:`inspecting` looking into files, and what was measured about a release
:mod:`auditing`   the log
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from workbench._version import __version__
from workbench.cli import asking, auditing, inspecting, marking, opening, owning, reviewing, tracing
from workbench.cli.console import INTERRUPTED, Desk, Workplace, fail
from workbench.errors import Unavailable, WorkbenchError

__all__ = ["assemble", "run"]

Workshop = Callable[[str | None, Sequence[str]], int]
NOBODY_READS = 141


class _Commands(TyperGroup):
    """The commands, of which any may be stopped, or read by a program that stops reading."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            typer.echo(
                "Stopped before it was done. What was not finished was taken back.", err=True
            )
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Python flushes once more at its end; that must not fail aloud.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(NOBODY_READS) from None
        return result


def assemble(
    open_workplace: Callable[[Callable[[], str | None]], Workplace], workshop: Workshop
) -> typer.Typer:
    """Return the command line over a way to open a workplace and to hold a workshop."""
    app = typer.Typer(
        cls=_Commands,
        help="Share a model without giving away the data behind it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def options(
        context: typer.Context,
        profile: Annotated[
            str | None, typer.Option(help="Who acts, where several people are set up.")
        ] = None,
        version: Annotated[  # noqa: ARG001  # its callback prints it and ends
            bool,
            typer.Option(
                "--version", help="Show the version.", callback=_show_version, is_eager=True
            ),
        ] = False,
    ) -> None:
        context.obj = Desk(open_workplace, profile)

    @app.command("workshop", context_settings={"allow_interspersed_args": False})
    def hold_workshop(
        arguments: Annotated[
            list[str] | None,
            typer.Argument(
                help="A notebook and options for JupyterLab, or -- and a command to run."
            ),
        ] = None,
    ) -> None:
        """Four people in one browser, on keys that live in memory and end with it."""
        notebook, command = _split(arguments or [])
        raise typer.Exit(workshop(notebook, command))

    for group in (owning, asking, reviewing, opening, marking, tracing, inspecting, auditing):
        group.add(app)
    return app


def run(
    open_workplace: Callable[[Callable[[], str | None]], Workplace],
    workshop: Workshop,
    arguments: Sequence[str] | None = None,
) -> None:
    """Run the command line and exit: 0 done · 1 denied · 2 input · 3 trust · 4 unavailable."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may hold what it cannot encode
            stream.reconfigure(errors="backslashreplace")
    command: Any = typer.main.get_command(assemble(open_workplace, workshop))
    try:
        command.main(
            args=arguments, prog_name="workbench"
        )  # exits by itself, with 2 on wrong usage
    except WorkbenchError as error:
        sys.exit(fail(error))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sys.exit(fail(Unavailable(f"The system said: {reason} ({error.filename or 'no file'}).")))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _split(arguments: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """Take a first word that names a notebook apart; what follows are options for JupyterLab."""
    if arguments and arguments[0].endswith(".ipynb"):
        return arguments[0], arguments[1:]
    return None, arguments
