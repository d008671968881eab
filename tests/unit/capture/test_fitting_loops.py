"""Networks and boosters: data that goes through loaders, matrices and loops of one's own."""

from __future__ import annotations

import pytest

from tests.unit.capture.notebook import Notebook, notebook
from tests.unit.capture.training_cells import DATA, IMPORTS, SPLIT, TEST, TRAIN, fitted
from workbench.capture.fitting import Fitted

__all__ = ["notebook"]

BOOST = "import lightgbm as lgb\nimport xgboost as xgb\nfrom xgboost import DMatrix, train"
TORCH = """import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.tensor(X.to_numpy(), dtype=torch.float32)
y = torch.tensor(y.to_numpy(), dtype=torch.float32).unsqueeze(1)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
def fresh():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
model = fresh()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters())"""
LOADER = "loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=True)"
STEP = """
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()"""
LOOP = f"for epoch in range(2):\n    for xb, yb in loader:{STEP}"
WHOLE_AT_ONCE = """for epoch in range(2):
    optimizer.zero_grad()
    out = model(X_train)
    loss = criterion(out, y_train)
    loss.backward()
    optimizer.step()"""

BOOSTERS = {
    "a classifier": ["model = xgb.XGBClassifier(n_estimators=2).fit(X_train, y_train)"],
    "its booster": [
        "clf = xgb.XGBClassifier(n_estimators=2).fit(X_train, y_train)",
        "model = clf.get_booster()",
    ],
    "a matrix": [
        "dtrain = xgb.DMatrix(X_train, label=y_train)",
        "model = xgb.train({'verbosity': 0}, dtrain, 2)",
    ],
    "a matrix by keyword": [
        "dtrain = xgb.DMatrix(data=X_train, label=y_train)",
        "model = xgb.train(params={'verbosity': 0}, dtrain=dtrain, num_boost_round=2)",
    ],
    "a matrix in the call": [
        "model = train({'verbosity': 0}, DMatrix(X_train, y_train), num_boost_round=2)"
    ],
    "a matrix under another name": [
        "dtrain = xgb.QuantileDMatrix(X_train, y_train)",
        "matrix = dtrain\nmodel = xgb.train({}, matrix, 2)",
    ],
    "lightgbm": [
        "rows = lgb.Dataset(X_train, y_train)",
        "model = lgb.train({'verbosity': -1}, rows, 2)",
    ],
    "lightgbm by keyword": [
        "rows = lgb.Dataset(X_train, label=y_train)",
        "model = lgb.train({'verbosity': -1}, train_set=rows, num_boost_round=2)",
    ],
    "in a function": [
        "def boost(X, y):\n    d = xgb.DMatrix(X, label=y)\n    return xgb.train({}, d, 2)",
        "model = boost(X_train, y_train)",
    ],
}


@pytest.mark.parametrize("cells", BOOSTERS.values(), ids=BOOSTERS)
def test_boosters(notebook: Notebook, cells: list[str]) -> None:
    """One step further back than the call: what the matrix was made of."""
    assert fitted(notebook, BOOST, SPLIT, *cells) == Fitted(TRAIN, TEST)


BY_HAND = "X_train, X_test = X[:40], X[40:]\ny_train, y_test = y[:40], y[40:]"
MATRICES = "dtrain, dtest = DMatrix(X_train, y_train), xgb.DMatrix(X_test, label=y_test)"


@pytest.mark.parametrize(
    "cells",
    [
        ["model = train({}, dtrain, 2)", "accuracy_score(y_test, model.predict(dtest) > 0.5)"],
        ["model = train({}, dtrain, 2, evals=[(dtrain, 'a'), (dtest, 'b')], verbose_eval=False)"],
        [
            "model = train({}, dtrain, 2)",
            "model.eval(dtest)",
            "p = model.predict(dtest)",
            "p == y_test",
        ],
    ],
    ids=["asked", "watching", "compared"],
)
def test_matrices_that_were_not_trained_on(notebook: Notebook, cells: list[str]) -> None:
    assert fitted(notebook, BOOST, BY_HAND, MATRICES, *cells) == Fitted(TRAIN, TEST)


UNCLEAR_BOOSTERS = {
    "an expression in a matrix": (
        ["d = DMatrix(df[['a']], label=df['y'])", "model = train({}, d, 2)"],
        "was trained on an expression",
    ),
    "goes on": (
        ["d = DMatrix(X, y)", "a = train({}, d, 2)", "model = train({}, d, 2, xgb_model=a)"],
        "kept what it had learned",
    ),
    "a matrix from a function": (
        ["make = [DMatrix]", "d = make[0](X, y)", "model = train({}, d, 2)"],
        "could not be followed to names",
    ),
    "bound anew behind the matrix": (
        ["d = DMatrix(X, y)", "X = X[:9]", "model = train({}, d, 2)"],
        "X was bound anew since model was trained on it.",
    ),
}


@pytest.mark.parametrize(("cells", "why"), UNCLEAR_BOOSTERS.values(), ids=UNCLEAR_BOOSTERS)
def test_unclear_boosters(notebook: Notebook, cells: list[str], why: str) -> None:
    found = fitted(notebook, BOOST, *cells)
    assert found.data is None
    assert why in found.why


LOOPS = {
    "a loader": [LOADER, LOOP],
    "a loader in the loop": [LOOP.replace("loader:", LOADER.partition(" = ")[2] + ":")],
    "a named set": [
        "rows = TensorDataset(X_train, y_train)",
        "loader = DataLoader(rows, batch_size=16)",
        LOOP,
    ],
    "numbered batches": [
        LOADER,
        LOOP.replace("xb, yb in loader", "i, (xb, yb) in enumerate(loader)"),
    ],
    "the loop twice": [LOADER, LOOP, LOOP],
    "all at once": [WHOLE_AT_ONCE],
    "all at once, in one line": [
        WHOLE_AT_ONCE.replace("out = model(X_train)\n    ", "").replace("out,", "model(X_train),")
    ],
    "by hand": [
        "for epoch in range(2):\n    optimizer.zero_grad()\n"
        "    loss = ((model(X_train) - y_train) ** 2).mean()\n"
        "    loss.backward()\n    optimizer.step()"
    ],
    "watched": [
        WHOLE_AT_ONCE
        + "\n    with torch.no_grad():\n        seen = criterion(model(X_test), y_test)"
    ],
    "in a function": [
        LOADER,
        f"def train(net, batches):\n    net.train()\n    for xb, yb in batches:"
        f"{STEP.replace('model(', 'net(')}\n",
        "for epoch in range(2):\n    train(model, loader)",
    ],
    "in a function that returns it": [
        LOADER,
        f"def train(batches):\n    net = fresh()\n    step = torch.optim.Adam(net.parameters())\n"
        f"    for xb, yb in batches:{STEP.replace('model(', 'net(').replace('optimizer', 'step')}\n"
        "    return net",
        "model = train(loader)",
    ],
    "its best state comes back from a file": [
        LOADER,
        LOOP,
        "with open('best.pt', 'wb') as file:\n    torch.save(model.state_dict(), file)",
        "model.load_state_dict(torch.load(open('best.pt', 'rb')))",
    ],
    "in a function with names of the notebook": [
        "def train():\n    " + WHOLE_AT_ONCE.replace("\n", "\n    "),
        "train()",
    ],
}


@pytest.mark.parametrize("cells", LOOPS.values(), ids=LOOPS)
def test_networks(notebook: Notebook, cells: list[str]) -> None:
    """The tensors a loader deals out, or what the loss compares."""
    assert fitted(notebook, TORCH, *cells) == Fitted(TRAIN, TEST)


def test_a_loader_of_other_rows(notebook: Notebook) -> None:
    """Without a split, what the network was asked about in another loop."""
    cells = [
        TORCH.replace("train_test_split(X, y, random_state=0)", "X[:40], X[40:], y[:40], y[40:]"),
        LOADER,
        LOOP,
        "tests = DataLoader(TensorDataset(X_test, y_test))",
        "right = 0\nmodel.eval()\nwith torch.no_grad():\n    for xb, yb in tests:\n"
        "        right += ((model(xb) > 0) == yb).sum()",
    ]
    assert fitted(notebook, *cells) == Fitted(TRAIN, TEST)


UNCLEAR = {
    "batches cut by hand": (
        [
            "for i in range(0, 40, 20):\n    xb, yb = X_train[i:i + 20], y_train[i:i + 20]\n"
            f"    for again in range(1):{STEP}"
        ],
        "bound anew in a loop",
    ),
    "a set of one's own": (
        [
            "class Rows(torch.utils.data.Dataset):\n    def __len__(self): return 40\n"
            "    def __getitem__(self, i): return X_train[i], y_train[i]",
            "loader = DataLoader(Rows(), batch_size=16)",
            LOOP,
        ],
        "could not be followed to names",
    ),
    "two loops over different rows": (
        [LOADER, LOOP, "loader = DataLoader(TensorDataset(X, y), batch_size=16)", LOOP],
        "kept what it had learned",
    ),
    "an expression": (
        ["loader = DataLoader(TensorDataset(X_train[:8], y_train[:8]))", LOOP],
        "was trained on an expression",
    ),
    "an expression at once": (
        [WHOLE_AT_ONCE.replace("y_train", "y_train.float()")],
        "was trained on an expression",
    ),
    "the state of another from a file": (
        [
            LOADER,
            LOOP,
            "other = fresh()\nwith open('other.pt', 'wb') as file:\n"
            "    torch.save(other.state_dict(), file)",
            "model.load_state_dict(torch.load(open('other.pt', 'rb')))",
        ],
        "could not be followed",
    ),
    "forgotten again": (
        [
            LOADER,
            LOOP,
            "def forget(layer):\n    getattr(layer, 'reset_parameters', print)()",
            "model.apply(forget)",
        ],
        "could not be followed",
    ),
    "never trained": (["model(X_train)"], "It was not seen which data model was trained on."),
}


@pytest.mark.parametrize(("cells", "why"), UNCLEAR.values(), ids=UNCLEAR)
def test_unclear_networks(notebook: Notebook, cells: list[str], why: str) -> None:
    found = fitted(notebook, TORCH, *cells)
    assert (found.data, found.holdout) == (None, None)
    assert why in found.why


def test_a_trainer(notebook: Notebook) -> None:
    """Such as Lightning's: the model is what is handed over first."""
    notebook.ok(IMPORTS, DATA, TORCH, LOADER)
    notebook.ok(
        "class Trainer:\n    def fit(self, model, loader):\n"
        "        with torch.no_grad():\n            model[0].weight.add_(1.0)",
        "Trainer().fit(model, loader)",
    )
    found = notebook.tracker.fitted_on(notebook.shell.user_ns["model"])
    assert found == Fitted(TRAIN, TEST)
