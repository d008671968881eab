"""The call that trained a model, found by going back from the model through the journal.

Only what the code says without doubt counts. Two branches that train on different data, a batch
that was cut out in a loop, a part of a pipeline: of these it is said why, and nothing is guessed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from workbench.analysis.methods import leaves_alone
from workbench.analysis.names import base_of
from workbench.analysis.parts import Binding, Found, alternatives, end_of, last_part, returned, walk
from workbench.capture.arguments import (
    Data,
    is_model_in,
)
from workbench.capture.looks import attributes
from workbench.capture.predictions import predictions
from workbench.capture.scopes import Journal, Place, Scope, Unclear
from workbench.capture.training_calls import GREW, SEVERAL, SOMEHOW, Calls, Training
from workbench.capture.versions import Key
from workbench.origin.graph import Mark, Verb
from workbench.training import kinds

__all__ = ["Training", "Trainings"]

TRAINS = frozenset({"fit", "partial_fit", "fit_predict", "fit_transform"})
RETURNS_ITSELF = frozenset({"fit", "partial_fit"})
SAME_DATA = frozenset({"best_estimator_", "booster_"})  # inside of what was trained on the same
COPIES = frozenset({"copy", "deepcopy"})
INSIDE = frozenset({"get_booster", "values"})  # methods that give what is inside
PICKS = frozenset({"max", "min", "sorted"})  # one of several, or all of them
READS = frozenset({"load", "loads", "load_model", "read_pickle", "from_pretrained", "from_file"})
HARMLESS = frozenset({"cpu", "cuda", "eval", "print", "set_param", "set_params", "to"})
SHOWS = frozenset({"lightgbm", "scikit-learn", "torch", "xgboost"})  # training in what it holds
BOOSTERS = frozenset({"lightgbm", "xgboost"})
COLLECTIONS = frozenset({"builtins.dict", "builtins.list", "builtins.tuple"})
MAX_DEEP = 20
MAX_BACK = 5000
MAX_LOOKED = 5000  # pieces of code and expressions

PART = "{model} was trained as a part of something else, on what that had made of its data."
TOUCHED = "{model} was changed by code that could not be followed."
READ = "{model} was read from a file; what it was trained on was not seen here."
BEFORE = "{model} was there before tracking began; what it was trained on was not seen."
STOPPED = "The training of {model} stopped before its end."

Find = Callable[[], Training | None]


@dataclass(frozen=True)
class _Event:
    """Something that code does to a model; ``find`` returns the training it comes down to."""

    at: Found
    find: Find
    trains: bool = True


class Trainings:
    """Finds the training of one model.

    Args:
        journal: the history.
        model: the object itself; no code of it is run.
    """

    def __init__(self, journal: Journal, model: object) -> None:
        known = kinds.framework(model)
        warm = (attributes(model) or {}).get("warm_start") is True
        self._journal = journal
        self._calls = Calls(Data(journal), warm or known in ("torch", "keras", "tensorflow"))
        self._shows = known in SHOWS and kinds.word(model) != "Booster"
        self._left = MAX_LOOKED
        self._inside: list[ast.AST] = []  # what is gone through, for functions that call themselves

    def of(self, key: Key) -> Training:
        """Return the newest training of what a version of a variable stands for.

        Raises:
            Unclear: there is none, or it cannot be told on what; with ``{model}`` for its name.
        """
        found = self._of_key(key)
        if found is None:
            raise Unclear(SOMEHOW)
        return found

    # Versions

    def _of_key(self, key: Key | None, deep: int = 0) -> Training | None:
        for _ in range(MAX_BACK):
            if key is None or deep > MAX_DEEP:
                return None
            version = self._journal.version(key)
            self._opened(key)
            if version.run is None:
                raise Unclear(BEFORE)
            scope = self._journal.scope(version.run)
            names = self._aliases(key, version.run)
            events = self._events(names, scope, deep, self._holds(key))
            before = self._journal.used(version.run, key[0])
            unfinished = self._unfinished(version.run)
            if version.verb is Verb.made:
                if unfinished and (version.mark is not Mark.observed or self._crowded(version.run)):
                    raise Unclear(STOPPED)  # on the line of an error, perhaps behind it
                self._read(version.run, events)
                return self._settled(events)
            untouched = self._untouched(key, names)
            if events and not (untouched and (unfinished or events[-1].at.forked)):
                if unfinished:
                    raise Unclear(STOPPED)
                return self._with_earlier(events, names, before, version.run, deep)
            if not events and not untouched:
                self._leave_alone(scope)
            key = before
        return None

    def _with_earlier(
        self,
        events: list[_Event],
        names: Collection[str],
        before: Key | None,
        place: Place,
        deep: int,
    ) -> Training | None:
        """Return the training of a statement, if an earlier one does not count as well."""
        found = self._settled(events)
        if found is None:
            return None
        made = [self._journal.version(one) for one in self._journal.run(place).makes]
        seen = any(one.mark is Mark.observed and one.name in names for one in made)
        unsure = events[-1].at.forked and (self._in_cell(before, place) or not seen)
        if unsure or found.adds:
            otherwise = SEVERAL if unsure else GREW
            try:
                earlier = self._of_key(before, deep + 1)
            except Unclear as unclear:
                raise Unclear(otherwise) from unclear
            if (unsure and earlier is None) or (earlier and earlier.pair != found.pair):
                raise Unclear(otherwise)
        return found

    def _in_cell(self, key: Key | None, place: Place) -> bool:
        run = None if key is None else self._journal.version(key).run
        return run is not None and run[0] == place[0]

    def _opened(self, key: Key) -> None:
        history, place = self._journal.history, self._journal.version(key).run
        opened = [history.releases[key]] if key in history.releases else []
        opened += self._journal.run(place).releases if place is not None else []
        if opened:
            ref = opened[0][0].replace("{", "").replace("}", "")
            raise Unclear(f"{{model}} was opened from {ref}; its data is not here.")

    def _read(self, place: Place, events: list[_Event]) -> None:
        """Notice a model that a statement read from a file."""
        run = self._journal.run(place)
        calls = {one.rpartition(".")[2] for one in run.statement.calls}
        if any(event.trains for event in events) or calls & TRAINS:
            return
        if calls & READS or any(not one.wrote for one in run.readings):
            raise Unclear(READ)

    def _untouched(self, key: Key, names: Collection[str]) -> bool:
        """Tell whether an object that was looked at before a cell and behind it had not changed."""
        first, place = self._first(key), self._journal.version(key).run
        if place is None or first is None or first[0] >= place[0] or not self._shows:
            return False
        execution = self._journal.history.executions[place[0]]
        made = [self._journal.version(one) for run in execution.runs for one in run.makes]
        anew = {one.name for one in made if one.verb is Verb.made}  # such were not looked at
        looked_at = [name for name in names if re.search(rf"\b{re.escape(name)}\b", execution.code)]
        seen = any(one.mark is Mark.observed for one in made if one.name in names)
        return not seen and any(name not in anew for name in looked_at)

    def _first(self, key: Key) -> Place | None:
        return self._journal.version(self._journal.object_of(key)).run

    def _unfinished(self, place: Place) -> bool:
        execution = self._journal.history.executions[place[0]]
        last = execution.runs[-1].statement.first <= execution.runs[place[1]].statement.last
        return last and execution.outcome not in ("ok", "running")

    def _crowded(self, place: Place) -> bool:
        """Tell whether a statement shares its line with others."""
        lines = [one.statement.first for one in self._journal.history.executions[place[0]].runs]
        return lines.count(lines[place[1]]) > 1

    def _aliases(self, key: Key, place: Place) -> set[str]:
        """Return the names that a statement can have used for the object."""
        same = self._journal.object_of(key)
        uses = self._journal.run(place).uses
        return {key[0], *(one[0] for one in uses if self._journal.object_of(one) == same)}

    def _holds(self, key: Key) -> bool:
        """Tell whether a version stands for a collection of Python's own."""
        return self._journal.version(key).look.type in COLLECTIONS

    def _leave_alone(self, scope: Scope) -> None:
        """Notice a statement that may have trained a model in some way that is not followed."""
        calls = [one.node for one in walk(scope.body) if isinstance(one.node, ast.Call)]
        if any(last_part(one.func) in TRAINS for one in calls):
            raise Unclear(PART)
        fine = {part for one in calls if self._restores(one, scope) for part in ast.walk(one)}
        for one in calls:
            called = last_part(one.func)
            if not (one in fine or called in HARMLESS or leaves_alone(called)):
                raise Unclear(TOUCHED)

    def _restores(self, call: ast.Call, scope: Scope) -> bool:
        """Tell whether a network gets back what was kept of itself, in a name or a file."""
        if last_part(call.func) != "load_state_dict" or len(call.args) != 1:
            return False
        state, model = call.args[0], base_of(call.func)
        own = self._journal.used(scope.place, model or "")
        if own is None:
            return False
        if isinstance(state, ast.Call) and last_part(state.func) in READS:
            places = self._journal.handed_to(scope.place)
        else:
            kept = self._journal.used(scope.place, base_of(state) or "")
            place = None if kept is None else self._journal.version(kept).run
            places = [] if place is None else [place]
        return any(self._used_in(own, place) for place in places)

    def _used_in(self, key: Key, place: Place) -> bool:
        same = self._journal.object_of(key)
        return any(self._journal.object_of(one) == same for one in self._journal.run(place).uses)

    # Code

    def _events(
        self, names: Collection[str], scope: Scope, deep: int, holds: bool = False
    ) -> list[_Event]:
        """Return what code does to the object that has these names in it, in order."""
        self._count(deep)
        found: list[_Event] = []
        for one in walk(scope.body):
            if isinstance(one.node, ast.Call):
                event = self._call(one.node, one, names, scope, deep, holds)
                found += [] if event is None else [event]
        items = [f"{name}[]" for name in names] if holds else []
        for binding in scope.bindings(*names, *items):
            if isinstance(binding.value, ast.Constant):
                continue  # best = None: whatever a model is, it is not that
            found.append(_Event(binding.at, self._bound(binding, scope, deep), trains=False))
        return sorted(found, key=lambda event: end_of(event.at.node))

    def _count(self, deep: int) -> None:
        self._left -= 1
        if deep > MAX_DEEP or self._left < 0:
            raise Unclear(SOMEHOW)

    def _bound(self, one: Binding, scope: Scope, deep: int) -> Find:
        def find() -> Training | None:
            if one.value is None:
                return None
            return self._of_value(one.value, scope, deep + 1, one.part)

        return find

    def _call(
        self,
        call: ast.Call,
        at: Found,
        names: Collection[str],
        scope: Scope,
        deep: int,
        holds: bool,
    ) -> _Event | None:
        """Return what a call does, if it trains what has these names."""
        called = last_part(call.func)
        if isinstance(call.func, ast.Attribute):
            if called == "backward" and predictions(scope, names):
                return _Event(at, lambda: self._calls.steps(call, at, names, scope))
            if called in TRAINS and is_model_in(call.func.value, names, at.loops, holds):
                return _Event(at, lambda: self._calls.fit(call, scope))
            if called == "fit" and call.args and is_model_in(call.args[0], names):
                return _Event(at, lambda: self._calls.fit(call, scope, first=1))
        events = self._inwards(call, names, scope, deep)
        if not any(event.trains for event in events):
            return None
        forked = at.forked or all(event.at.forked for event in events)
        return _Event(replace(at, forked=forked), lambda: self._settled(events))

    def _inwards(
        self, call: ast.Call, names: Collection[str], scope: Scope, deep: int
    ) -> list[_Event]:
        """Return what a function that a call runs does to the object with these names."""
        inner = self._journal.enter(call, scope)
        if inner is None or inner.given is None or inner.body[0] in self._inside:
            return []
        written = ((name, outer) for name, outer in inner.given.items() if outer is not None)
        same = {name for name, outer in written if is_model_in(outer[0], names)}
        same |= inner.outer(scope.outer(names))
        if not same:
            return []
        self._inside.append(inner.body[0])
        try:
            return self._events(same, inner, deep + 1)
        finally:
            self._inside.pop()

    def _settled(self, events: list[_Event]) -> Training | None:
        """Return the training of the last event; of all that may have been the last."""
        last = len(events) - 1
        while last > 0 and events[last].at.forked:
            last -= 1
        found = _agreeing((event.find for event in events[last:]), SEVERAL, every=True)
        if found is not None and found.adds:
            return _agreeing((event.find for event in events), GREW)
        return found

    def _of_value(
        self, node: ast.expr, scope: Scope, deep: int, part: int | None = None
    ) -> Training | None:
        """Return the training of what an expression stands for, or of a part of it."""
        self._count(deep)
        if isinstance(node, ast.Tuple | ast.List) and part is not None:
            return self._of_value(node.elts[part], scope, deep + 1)
        if isinstance(node, ast.Name):
            return self._of_name(node, scope, deep + 1)
        if isinstance(node, ast.NamedExpr):
            return self._of_value(node.value, scope, deep + 1, part)
        if isinstance(node, ast.Attribute) and node.attr in SAME_DATA:
            return self._of_value(node.value, scope, deep + 1)
        if isinstance(node, ast.Subscript):
            return self._of_item(node, scope, deep)
        if isinstance(node, ast.Call):
            return self._of_call(node, scope, deep, part)
        if isinstance(node, ast.Attribute):
            raise Unclear(PART)
        return self._all_of(list(alternatives(node)), scope, deep)

    def _all_of(
        self, nodes: list[ast.expr], scope: Scope, deep: int, part: int | None = None
    ) -> Training | None:
        """Return the training that all of some expressions have; which of them counts is open."""
        nodes = [one for one in nodes if not isinstance(one, ast.Constant)]
        finds = [lambda one=one: self._of_value(one, scope, deep + 1, part) for one in nodes]
        return _agreeing(finds, SEVERAL, every=True)

    def _of_name(self, node: ast.Name, scope: Scope, deep: int) -> Training | None:
        name = node.id
        if scope.given is None:
            written = scope.bindings(name)
            before = [one for one in written if end_of(one.at.node) < end_of(node)]
            if any(one.at.loops for one in written) and before != written:
                raise Unclear(SEVERAL)
            made = self._journal.made(scope.place, name) if before else None
            return self._of_key(made or self._journal.used(scope.place, name), deep)
        events = self._events({name}, scope, deep)
        if events and all(event.at.forked for event in events):
            raise Unclear(SEVERAL)
        if events:
            return self._settled(events)
        if name in scope.given:
            outer = scope.given[name]
            return None if outer is None else self._of_value(*outer, deep + 1)
        key = None if scope.apart else self._journal.used(scope.place, name)
        return self._of_key(key, deep)

    def _of_item(self, node: ast.Subscript, scope: Scope, deep: int) -> Training | None:
        """Return the training of something in a list or dictionary, if all in it have the same."""
        if isinstance(node.value, ast.Call) and last_part(node.value.func) in PICKS:
            return self._of_call(node.value, scope, deep + 1, None)
        if isinstance(node.value, ast.Name) and scope.given is None:
            key = self._journal.used(scope.place, node.value.id)
            if key is not None and self._holds(key):
                return self._of_key(key, deep + 1)
        raise Unclear(PART)

    def _of_call(
        self, call: ast.Call, scope: Scope, deep: int, part: int | None
    ) -> Training | None:
        called = last_part(call.func)
        if called == "train" and self._journal.package(call.func) in BOOSTERS:
            return self._calls.boost(call, scope)
        if isinstance(call.func, ast.Attribute) and called in RETURNS_ITSELF:
            return self._calls.fit(call, scope)
        if isinstance(call.func, ast.Attribute) and called in INSIDE:
            return self._of_value(call.func.value, scope, deep + 1)
        if (called in COPIES and call.args) or (called in PICKS and len(call.args) == 1):
            return self._of_value(call.args[0], scope, deep + 1)
        inner = self._journal.enter(call, scope)
        return None if inner is None else self._all_of(returned(inner.body), inner, deep, part)


def _agreeing(finds: Iterable[Find], otherwise: str, *, every: bool = False) -> Training | None:
    """Return the training that several ways lead to; they must not lead to different ones."""
    all_of_it = [find() for find in finds]
    found = [one for one in all_of_it if one is not None]
    if any(one.pair != found[0].pair for one in found) or (found and every and None in all_of_it):
        raise Unclear(otherwise)
    return found[-1] if found else None
