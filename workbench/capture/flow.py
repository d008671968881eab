"""From statements to versions: which statement made which version of a variable from which others.

The code says what a statement would do; the namespace before and after says what was done. Where
both say so, a version is *observed*; where only the code does, *inferred*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workbench.analysis.defuse import Statement
from workbench.analysis.methods import fills
from workbench.analysis.queried import is_query, names_in
from workbench.capture.arrays import is_array, share_memory
from workbench.capture.attribution import Attribution
from workbench.capture.functions import Effect, Functions, is_users
from workbench.capture.looks import is_collection, is_plain, linked, tells, within
from workbench.capture.memories import Memories, Recall
from workbench.capture.versions import Key, Look, Run, Seen, Version, describe, is_own
from workbench.origin.graph import Mark, Verb

__all__ = ["Flow"]

OUTPUTS = ("___", "__", "_")


@dataclass
class Flow:
    """The versions of all names, brought forward statement by statement."""

    versions: dict[Key, Version] = field(default_factory=dict)
    current: dict[str, Key] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    functions: Functions = field(default_factory=Functions)
    learners: set[str] = field(default_factory=set)  # names of estimators and networks
    holders: set[str] = field(default_factory=set)  # names of what holds other objects
    memories: Memories = field(default_factory=Memories)
    fills: dict[str, tuple[Key, ...]] = field(default_factory=dict)  # what is put into each cache

    def copy(self) -> Flow:
        """Return one that can go on by itself."""
        return Flow(
            dict(self.versions),
            dict(self.current),
            dict(self.counts),
            self.functions.copy(),
            set(self.learners),
            set(self.holders),
            self.memories.copy(),
            dict(self.fills),
        )

    def take(self, execution: int, statements: Sequence[Statement], seen: Seen) -> list[Run]:
        """Bring the versions forward by one execution, and return its statements as run."""
        return _Step(self, execution, statements, seen).runs()

    def add(self, version: Version) -> Key:
        """Take a version; its name stands for it from now on."""
        name, look = version.name, version.look
        self.versions[version.key] = version
        self.current[name] = version.key
        named = not is_own(name)  # outputs of cells pile up
        (self.learners.add if look.learns and named else self.learners.discard)(name)
        (self.holders.add if look.holds and named else self.holders.discard)(name)
        return version.key

    def next(self, name: str) -> int:
        """Return the number of the next version of a name."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return self.counts[name]

    def learn(self, name: str, seen: Seen) -> None:
        """Look at what a name stands for, where the code does not say."""
        self.functions.learn(name, seen.namespace[name], seen.namespace)
        self.remember(name, seen)

    def remember(self, name: str, seen: Seen) -> None:
        """Note the caches of what a name stands for, if that is installed nowhere."""
        value = seen.namespace[name]
        if is_users(value):
            self.memories.learn(name, value, seen.namespace)


class _Step:
    """One execution."""

    def __init__(
        self, flow: Flow, execution: int, statements: Sequence[Statement], seen: Seen
    ) -> None:
        self.flow, self.execution, self.seen = flow, execution, seen
        self.statements = list(statements[: seen.reached])
        self.rebound = seen.rebound
        self.altered = seen.watch.altered(seen.namespace) - self.rebound
        self.tokens: dict[str, object] = {}
        self._held: dict[int, frozenset[int]] = {}
        self._last = {
            name: index
            for index, statement in enumerate(self.statements)
            for name in statement.defines
        }

    def runs(self) -> list[Run]:
        """Go through the statements in order."""
        effects = [self._effect(index) for index in range(len(self.statements))]
        for index, effect in enumerate(effects):
            self._last |= dict.fromkeys(effect.stores & self.rebound, index)
        attribution = Attribution(self.statements, effects, self.flow.functions.instances.keys())
        unexplained = attribution.unexplained(self.rebound - self._last.keys())
        self._last |= unexplained
        hidden = attribution.hidden(self.altered - self._changed_by_code(effects))
        for name in unexplained:
            self.flow.learn(name, self.seen)
        recalled = self._recalling(effects)
        found = []
        for index, (statement, effect) in enumerate(zip(self.statements, effects, strict=True)):
            run = Run(statement)
            found.append(run)
            self._use(run, index, effect)
            self._recall(run, index, recalled.get(index, []))
            made = {name for name, last in unexplained.items() if last == index}
            self._change(run, index, effect, hidden.get(index, set()))
            self._define(run, index, statement.defines | (effect.stores & self.rebound) | made)
        if found:
            self._output(found[-1])
        return found

    def _effect(self, index: int) -> Effect:
        """Return what a statement does through functions, and note the functions it binds."""
        statement, functions = self.statements[index], self.flow.functions
        for name in statement.uses - self.flow.current.keys():
            if self.seen.was(name) is not None and name in self.seen.namespace:
                self.flow.learn(name, self.seen)  # it was there before tracking began
        effect = functions.reach(statement.uses, statement.calls, statement.passes)
        for name in statement.defines:
            if name in statement.bodies:
                functions.bind(name, statement.bodies[name])
                if name in self.rebound:
                    self.flow.remember(name, self.seen)
            elif self._last[name] == index and name in self.rebound:
                self.flow.learn(name, self.seen)
            elif name in statement.copies:
                functions.rename(name, statement.copies[name])
        return effect

    def _changed_by_code(self, effects: list[Effect]) -> set[str]:
        named = {name for one in self.statements for name in one.changes | one.augmented}
        return named | {name for effect in effects for name in effect.changes}

    # Uses

    def _use(self, run: Run, index: int, effect: Effect) -> None:
        statement = run.statement
        ended = self._ended(index)
        for name in sorted(statement.uses | effect.uses | self._queried(statement)):
            key = self._known(name)
            if key is not None:
                sure = ended and name in statement.certain
                run.use(key, Mark.resolved if sure else Mark.inferred)

    def _queried(self, statement: Statement) -> set[str]:
        """Return the names in a query kept in a variable; DuckDB looks tables up by name."""
        queries = [called for called in statement.calls if is_query(called)]
        texts = [self.seen.namespace.get(name) for name in statement.uses] if queries else []
        return {name for text in texts for called in queries for name in names_in(called, text)}

    def _recalling(self, effects: Sequence[Effect]) -> dict[int, list[Recall]]:
        """Return what caches were asked for, by the statements that may have asked.

        Those that call the cached function by its name, or else all through which it is reached.
        """
        found: dict[int, list[Recall]] = {}
        for one in self.flow.memories.moved():
            reaching = [
                index
                for index, statement in enumerate(self.statements)
                if not one.roots.isdisjoint(statement.uses | effects[index].uses)
            ]
            naming = [index for index in reaching if self._calls(index, one.function)]
            for index in naming or reaching:
                found.setdefault(index, []).append(one)
        return found

    def _calls(self, index: int, function: str) -> bool:
        calls = (one.rpartition(".")[2] for one in self.statements[index].calls)
        return function in calls

    def _recall(self, run: Run, index: int, recalled: Sequence[Recall]) -> None:
        """Let a statement use what caches gave back, whoever had put it there, and fill them."""
        for one in recalled:
            earlier = self.flow.fills.get(one.name, ())
            for key in earlier if one.hit else ():
                run.use(key, Mark.inferred)
            if one.filled:
                look = Look(type="functools.lru_cache")
                key = self._next(run, one.name, index, Mark.inferred, Verb.made, look)
                self.flow.fills[one.name] = (*earlier, key)

    def _known(self, name: str) -> Key | None:
        """Return the version a name has now; 0 for what was there before tracking began."""
        key = self.flow.current.get(name)
        if name in self.tokens:
            return key
        if self.seen.was(name) is None:
            return None
        return key or self.flow.add(Version(name, 0, look=self._look(name)))

    def _look(self, name: str) -> Look:
        there = name in self.seen.namespace
        return describe(self.seen.namespace[name]) if there else Look()

    def _next(self, run: Run, name: str, index: int, mark: Mark, verb: Verb, look: Look) -> Key:
        place = (self.execution, index)
        key = self.flow.add(Version(name, self.flow.next(name), place, mark, verb, look))
        run.makes.append(key)
        return key

    # Bindings

    def _define(self, run: Run, index: int, names: frozenset[str] | set[str]) -> None:
        statement = run.statement
        for name in sorted(names):
            last = self._last.get(name) == index
            sure = name in statement.sure and self._ended(index)
            observed = last and name in self.rebound
            if not (observed or self._happened(name, index, last, sure)):
                continue
            before = None if observed or sure or is_own(name) else self._known(name)
            if before is not None:
                run.use(before, Mark.inferred)
            self._token(name, statement, last)
            look = self._look(name) if last else Look()
            if name in statement.imports:
                look = replace(look, imported=True)
            mark = Mark.observed if observed else Mark.inferred
            self._next(run, name, index, mark, Verb.made, look)
        for name in statement.deletes - statement.sure:
            if name not in self.seen.namespace or self._last.get(name, -1) > index:
                self.flow.current.pop(name, None)
                self.tokens[name] = object()

    def _ended(self, index: int) -> bool:
        return self.seen.whole or index < self.seen.reached - 1

    def _happened(self, name: str, index: int, last: bool, sure: bool) -> bool:
        """Tell whether a binding took place that was not seen, as far as can be told."""
        if self._in_place(name, index):
            return False
        if sure or not last:
            return True
        there = self._ended(index) and name in self.seen.namespace
        return there and not self.seen.watch.same(name, self.seen.namespace)

    def _token(self, name: str, statement: Statement, last: bool) -> None:
        """Note which object a name stands for from here on, as far as it can be told."""
        origin = statement.copies.get(name)
        if last and name in self.seen.namespace:
            self.tokens[name] = self.seen.now(name)
        elif origin is not None:
            self.tokens[name] = self._object(origin)
        else:
            self.tokens[name] = object()

    def _object(self, name: str) -> object:
        return self.tokens[name] if name in self.tokens else self.seen.was(name)

    # Changes in place

    def _change(self, run: Run, index: int, effect: Effect, hidden: set[str]) -> None:
        statement = run.statement
        named = statement.changes | effect.changes | hidden
        named |= {name for name in statement.augmented if self._in_place(name, index)}
        touched = {name for name in statement.touches if self._touched(name, statement)}
        changed: set[str] = set()
        for name in sorted(named | touched):
            if self._known(name) is not None and self._can_change(name):
                changed |= self._together(name)
        for name in sorted(statement.spreads):
            changed |= self._parts_of(name)
        for name in sorted(changed):
            before = self._known(name)
            if before is None or not self._can_change(name):
                continue
            run.use(before, Mark.resolved if name in statement.certain else Mark.inferred)
            mark = Mark.observed if name in self.altered else Mark.inferred
            self._next(run, name, index, mark, Verb.changed, self._look_again(before, name))

    def _look_again(self, before: Key, name: str) -> Look:
        if name in self.seen.namespace and self._object(name) == id(self.seen.namespace[name]):
            return self._look(name)
        return self.flow.versions[before].look

    def _can_change(self, name: str) -> bool:
        """Modules and functions installed are no variables; what cannot change did not."""
        if self.flow.versions[self.flow.current[name]].look.imported:
            return name in self.flow.functions.modules
        same = self._object(name) == self.seen.now(name)
        return not (same and is_plain(self.seen.namespace.get(name)))

    def _in_place(self, name: str, index: int) -> bool:
        """Tell whether ``x += …`` kept the object, as lists and arrays do."""
        return (
            name in self.statements[index].augmented
            and self._last.get(name) == index
            and name not in self.rebound
            and not is_plain(self.seen.namespace.get(name))
        )

    def _touched(self, name: str, statement: Statement) -> bool:
        """Tell whether a method of unknown effect changed its object: it can be seen, or not."""
        known, value = self._known(name), self.seen.namespace.get(name)
        if known is not None and self.flow.versions[known].look.imported:
            return name in self.altered  # a function of a module was called, no more
        if is_array(value) and not any(fills(one.rpartition(".")[2]) for one in statement.calls):
            return False
        return name in self.altered or not tells(value)

    def _together(self, name: str) -> set[str]:
        """Return all names of an object that was changed, and of those that hold it or it holds."""
        token = self._object(name)
        names = {name, *(one for one, other in self.tokens.items() if other == token)}
        if isinstance(token, int):
            names |= {one for one in self.seen.before.called(token) if one not in self.tokens}
        live = self.seen.now(name)
        if live == token and live is not None:
            names |= self._holding(live) | self._held_by(name) | self._sharing(name)
        return names

    def _sharing(self, name: str) -> set[str]:
        """Return the names of arrays that lie in the same memory: views, and what they are of."""
        space = self.seen.namespace
        if not is_array(space[name]):
            return set()
        arrays = [one for one in self.flow.current if is_array(space.get(one)) and not is_own(one)]
        return {
            one
            for one in arrays
            if self._object(one) == id(space[one]) and share_memory(space[one], space[name])
        }

    def _holding(self, identity: int) -> set[str]:
        """Return the names of what holds an object."""
        found = set()
        for name in self.flow.holders | self.flow.functions.instances.keys():
            value = self.seen.namespace.get(name)
            if self._object(name) == id(value) and identity in self._inside(value):
                found.add(name)
        return found

    def _held_by(self, name: str) -> set[str]:
        """Return the models inside what was changed: steps of a pipeline, what is optimised."""
        space = self.seen.namespace
        models = [(one, space[one]) for one in self.flow.learners if one in space and one != name]
        if not models:
            return set()
        inside = self._inside(space[name])
        return {one for one, model in models if id(model) in inside} | linked(space[name], models)

    def _inside(self, value: object) -> frozenset[int]:
        """Return what an object holds; looked up once in an execution."""
        known = self._held.get(id(value))
        if known is None:
            known = self._held[id(value)] = within(value)
        return known

    def _parts_of(self, name: str) -> set[str]:
        """Return the names of what a collection holds."""
        value = self.seen.namespace.get(name)
        if not is_collection(value) or self._object(name) != id(value):
            return set()
        inside = within(value, depth=1)
        return {one for one in self.flow.current if self._object(one) in inside}

    # Outputs

    def _output(self, run: Run) -> None:
        """Let ``_``, ``_3`` and ``Out[3]`` stand for what the last statement gave."""
        name = f"_{self.seen.number}"
        if name not in self.seen.namespace or name in self.flow.counts:
            return
        for older, newer in pairwise(OUTPUTS):
            if newer in self.flow.current:
                self.flow.current[older] = self.flow.current[newer]
        index = len(self.statements) - 1
        key = self._next(run, name, index, Mark.observed, Verb.made, self._look(name))
        self.flow.current["_"] = key
        self.flow.learn(name, self.seen)
