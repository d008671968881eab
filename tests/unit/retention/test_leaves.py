"""Leaves of trees with few people, for every kind of tree, counted one person after the other."""

from __future__ import annotations

from collections import Counter
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.unit.retention.people import SIZE, X, Y, Z, of_kind
from workbench.findings.finding import Level
from workbench.findings.retained import Keeping
from workbench.retention import ensembles
from workbench.retention.looking import look
from workbench.vocabulary import Verdict


def small(trees: list[Any], k: int = 10) -> tuple[int, int, set[int]]:
    """Leaves with fewer than k people, all leaves, and who is alone; by counting one by one."""
    few = of = 0
    alone = set()
    for leaves in trees:
        counts = Counter(leaves)
        few += sum(count < k for count in counts.values())
        of += len(counts)
        alone |= {row for row, leaf in enumerate(leaves) if counts[leaf] == 1}
    return few, of, alone


def by_hand(nodes: Any, rows: Any) -> list[int]:
    """The leaf of each row in a tree of histogram boosting, followed node by node."""
    found = []
    for row in rows:
        at = 0
        while not nodes[at]["is_leaf"]:
            left = row[nodes[at]["feature_idx"]] <= nodes[at]["num_threshold"]
            at = int(nodes[at]["left"] if left else nodes[at]["right"])
        found.append(at)
    return found


FORESTS = {
    "tree": (DecisionTreeClassifier(), "tree_", lambda m: [m.apply(X)]),
    "forest": (RandomForestClassifier(20), "estimators_", lambda m: list(m.apply(X).T)),
    "extra": (ExtraTreesClassifier(10), "estimators_", lambda m: list(m.apply(X).T)),
    "boosting": (
        GradientBoostingRegressor(n_estimators=8),
        "estimators_",
        lambda m: list(m.apply(X).reshape(SIZE, -1).T),
    ),
    "isolation": (
        IsolationForest(n_estimators=10, max_features=3),
        "estimators_",
        lambda m: [
            tree.apply(X[:, columns])
            for tree, columns in zip(m.estimators_, m.estimators_features_, strict=True)
        ],
    ),
    "bag": (
        BaggingRegressor(DecisionTreeRegressor(), 5),
        "estimators_",
        lambda m: [tree.apply(X) for tree in m.estimators_],
    ),
    "xgboost": (xgboost.XGBClassifier(n_estimators=5, n_jobs=1), "leaves", lambda m: m.apply(X).T),
    "lightgbm": (
        lightgbm.LGBMClassifier(n_estimators=5, min_child_samples=3, verbose=-1, n_jobs=1),
        "leaves",
        lambda m: m.predict(X, pred_leaf=True).T,
    ),
    "scaled": (
        make_pipeline(StandardScaler(), RandomForestClassifier(5)),
        "steps.randomforestclassifier.estimators_",
        lambda m: list(m[-1].apply(m[0].transform(X)).T),
    ),
}  # fmt: skip


class TestLeaves:
    @pytest.mark.parametrize("name", FORESTS)
    def test_leaves_are_counted(self, name: str) -> None:
        """As many as there are when each person is sent down each tree."""
        model, place, leaves = FORESTS[name]
        truth = Z if "Regressor" in repr(model) else Y
        model.fit(X, truth)
        report = look(model, (X, truth))
        one = of_kind(report, Keeping.leaves)[place]
        few, of, alone = small([list(map(int, tree)) for tree in leaves(model)])
        assert (one.count, one.of) == (few, of)
        assert one.positions == tuple(sorted(alone)[:20])
        assert one.level is Level.concern
        assert (f"{len(alone)} people are alone" in one.why) == bool(alone)
        assert report.verdict is Verdict.passed

    def test_histogram_boosting(self) -> None:
        """What the trees noted is what sending people down them gives."""
        model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2).fit(X, Y)
        trees = [by_hand(tree.nodes, X) for stage in model._predictors for tree in stage]
        few, of, _ = small(trees)
        one = of_kind(look(model, (X, Y)), Keeping.leaves)["_predictors"]
        assert (one.count, one.of) == (few, of)

    def test_a_tree_that_learned_targets_by_heart(self) -> None:
        """Each leaf predicts what one person has."""
        report = look(DecisionTreeRegressor().fit(X, Z), (X, Z))
        one = of_kind(report, Keeping.leaves)["tree_"]
        assert one.count == SIZE
        assert f"In {SIZE} leaves the prediction is the value of one single person." in one.why

    @pytest.mark.parametrize(
        "model",
        [
            RandomForestRegressor(5, min_samples_leaf=10),
            GradientBoostingRegressor(n_estimators=5, min_samples_leaf=10),
            xgboost.XGBRegressor(n_estimators=5, min_child_weight=10, n_jobs=1),
            xgboost.XGBRFRegressor(n_estimators=5, min_child_weight=10, n_jobs=1),
            lightgbm.LGBMRegressor(n_estimators=5, min_data_in_leaf=10, verbose=-1, n_jobs=1),
        ],
        ids=lambda one: type(one).__name__,
    )
    def test_the_remedy_works(self, model: Any) -> None:
        """What it says is enough."""
        assert of_kind(look(model.fit(X, Z), (X, Z)), Keeping.leaves) == {}

    def test_many_people_are_counted_by_the_trees_themselves(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where asking each tree would take long; without a bag the numbers are the same."""
        model = DecisionTreeClassifier().fit(X, Y)
        asked = of_kind(look(model, (X, Y)), Keeping.leaves)["tree_"]
        monkeypatch.setattr(ensembles, "MOST_LOOKUPS", 10)
        noted = of_kind(look(model, (X, Y)), Keeping.leaves)["tree_"]
        assert (noted.count, noted.of) == (asked.count, asked.of)
        assert "as the trees themselves noted" in noted.why

    @settings(max_examples=15, deadline=None)
    @given(k=st.integers(2, 60), seed=st.integers(0, 1000))
    def test_whatever_k_is(self, k: int, seed: int) -> None:
        """The number follows it."""
        model = RandomForestClassifier(3, random_state=seed).fit(X, Y)
        found = of_kind(look(model, (X, Y), k=k), Keeping.leaves)
        few, of, _ = small([list(tree) for tree in model.apply(X).T], k)
        assert [(one.count, one.of) for one in found.values()] == ([(few, of)] if few else [])


class TestInside:
    """Trees are asked about rows as they were given them, and about no others."""

    @pytest.mark.parametrize("bases", [1, 8])
    def test_the_last_one_of_a_stack_is_not_asked_about_the_data(self, bases: int) -> None:
        """It was given what others said; asked about fewer columns it would read beside them."""
        one = X[:, :1]
        stack = StackingClassifier(
            [(f"model{i}", LogisticRegression(C=10.0**-i)) for i in range(bases)],
            final_estimator=RandomForestClassifier(5, random_state=0),
            cv=2,
        ).fit(one, Y)
        report = look(stack, (one, Y))
        (kept,) = (kept for kept in report.found if kept.where.startswith("final_estimator_"))
        forest = stack.final_estimator_.estimators_
        own = [t.tree_.n_node_samples[t.tree_.children_left == -1] for t in forest]
        assert kept.count == sum(int((counts < 10).sum()) for counts in own)
        assert "as the trees themselves noted them" in kept.why
        assert report.gaps == ()

    @pytest.mark.parametrize("make", [xgboost.XGBClassifier, lightgbm.LGBMClassifier])
    def test_a_booster_that_cannot_be_asked_is_said(self, make: Any) -> None:
        stack = StackingClassifier(
            [("model", LogisticRegression())], final_estimator=make(n_estimators=2), cv=2
        ).fit(X, Y)
        (gap,) = look(stack, (X, Y)).gaps
        assert gap.startswith("The trees in final_estimator_ were not counted")

    def test_a_booster_of_other_columns_is_said(self) -> None:
        """LightGBM's errors are of no kind that others have."""
        data = lightgbm.Dataset(X, Z)
        booster = lightgbm.train({"verbose": -1}, data, 2)
        (gap,) = look(booster, (X[:, :2], Z)).gaps
        assert gap == "The trees in the model could not be counted."

    def test_a_chain_whose_trees_know_more_columns(self) -> None:
        chain = ClassifierChain(DecisionTreeClassifier(random_state=0)).fit(X, np.c_[Y, Y[::-1]])
        (kept,) = (one for one in look(chain, (X, Y)).found if one.kind is Keeping.leaves)
        tree = chain.estimators_[1].tree_
        noted = tree.n_node_samples[tree.children_left == -1]
        few, of, _ = small([list(chain.estimators_[0].apply(X))])
        assert (kept.count, kept.of) == (few + int((noted < 10).sum()), of + len(noted))
        assert "as the trees themselves noted them" in kept.why

    def test_columns_that_were_drawn_more_than_once(self) -> None:
        """As many as there are, and yet not the same."""
        bag = BaggingRegressor(
            DecisionTreeRegressor(max_depth=5), 5, bootstrap_features=True, random_state=0
        ).fit(X, Z)
        pairs = zip(bag.estimators_, bag.estimators_features_, strict=True)
        few, of, _ = small([list(tree.apply(X[:, columns])) for tree, columns in pairs])
        (kept,) = (one for one in look(bag, (X, Z)).found if one.kind is Keeping.leaves)
        assert (kept.count, kept.of) == (few, of)
