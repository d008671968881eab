"""Networks: layers that add up to the whole, and what of the notebook trained them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from workbench.training import networks
from workbench.training.record import describe


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2))
        self.scale = nn.Parameter(torch.ones(3))  # of the whole, not of a layer
        self.head = nn.Linear(16, 2, bias=False)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(rows))


def size(model: nn.Module) -> int:
    """How many numbers a network has, counted by numpy from its saved form."""
    shared = {id(one) for one in model.parameters()}
    assert shared
    return int(sum(np.prod(one.shape) for one in model.parameters()))


@pytest.mark.parametrize(
    "model",
    [
        Net(),
        nn.Linear(3, 1),
        nn.TransformerEncoderLayer(8, 2, batch_first=True),
        nn.LSTM(4, 5, num_layers=2),
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.LazyLinear(2)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_layers_add_up_to_the_network(model: nn.Module) -> None:
    """Every number is in exactly one layer."""
    if any(isinstance(one, nn.LazyLinear) for one in model.modules()):
        model(torch.zeros(1, 1, 5, 5))  # it learns its size from the first row
    found = networks.layers(model)
    assert sum(layer.parameters for layer in found) == size(model)
    assert networks.summary(model)["parameters"] == size(model)


def test_numbers_that_layers_share_are_counted_once() -> None:
    """Tied weights belong to the first layer that has them."""
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    model = nn.Sequential(first, second)
    assert [layer.parameters for layer in networks.layers(model)] == [20, 4]
    assert networks.summary(model)["parameters"] == 24 == size(model)


def test_a_layer_says_its_type_and_shape() -> None:
    """In the order of the network; containers are not layers, a bare parameter is one."""
    found = networks.layers(Net())
    assert [(layer.path, layer.type.rpartition(".")[2], layer.shape) for layer in found] == [
        ("model", "Net", "3"),
        ("body.0", "Linear", "16×6, 16"),
        ("body.1", "BatchNorm1d", "16, 16"),
        ("body.2", "ReLU", ""),
        ("body.3", "Dropout", ""),
        ("head", "Linear", "2×16"),
    ]


def test_a_deep_network_is_cut_with_a_count_of_the_rest() -> None:
    """A thousand layers are listed; the numbers still add up."""
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(1200)))
    found = networks.layers(model)
    assert len(found) == 1000
    assert found[-1].type == "201 more layers"
    assert sum(layer.parameters for layer in found) == 2400


def test_frozen_layers_are_told_apart() -> None:
    """What is not trained does not count as trainable."""
    model = Net()
    model.head.requires_grad_(False)
    summary = networks.summary(model)
    assert summary["trainable"] == size(model) - 32
    assert summary["dtype"] == "torch.float32"


class TestCompanions:
    def test_the_optimiser_that_holds_the_network_is_found(self) -> None:
        """By its parameters, not by its name; another network's is left out."""
        model, other = Net(), Net()
        optimiser = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
        foreign = torch.optim.SGD(other.parameters(), lr=1.0)
        schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=10, gamma=0.5)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(foreign)
        names = {"a": foreign, "b": optimiser, "c": schedule, "d": plateau}
        names["loss"] = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.25]))
        record = describe(model, "net", namespace=names)
        roles = [(part.path, part.role) for part in record.parts]
        assert roles == [
            ("model", "model"),
            ("b", "optimiser"),
            ("c", "scheduler"),
            ("loss", "loss"),
        ]
        settings = record.parts[1].parameters
        for name, value in optimiser.defaults.items():
            if isinstance(value, bool | int | float):
                assert settings[name] == value
        assert settings["betas"] == "0.9, 0.999"
        assert record.parts[2].parameters["step_size"] == 10
        assert record.parts[3].parameters == {"reduction": "mean"}
        assert record.features == 6

    def test_settings_of_each_group(self) -> None:
        """Parts of a network may be trained differently."""
        model = Net()
        optimiser = torch.optim.SGD(
            [{"params": model.body.parameters(), "lr": 0.1}, {"params": model.head.parameters()}],
            lr=0.5,
        )
        [part] = networks.companions(model, {"o": optimiser})
        assert (part.parameters["0.lr"], part.parameters["1.lr"]) == (0.1, 0.5)
        assert part.parameters["groups"] == 2

    def test_a_trainer_that_keeps_its_optimiser_is_looked_into(self) -> None:
        """As an attribute, in a list or in a dictionary; once, if it has several names."""

        class Trainer:
            def __init__(self, optimiser: torch.optim.Optimizer) -> None:
                self.optimiser = optimiser

        model = nn.Linear(2, 1)
        optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
        names: dict[str, object] = {"t": Trainer(optimiser), "l": [optimiser], "_hidden": optimiser}
        assert [one.path for one in networks.companions(model, names)] == ["t.optimiser"]
        assert [one.path for one in networks.companions(model, {"d": {"o": optimiser}})] == ["d.o"]

    def test_no_number_of_the_network_or_its_state_is_kept(self) -> None:
        """Settings only: after a step an optimiser holds averages of what the data did."""
        model = nn.Linear(2, 1)
        optimiser = torch.optim.Adam(model.parameters(), lr=torch.tensor(0.125))
        model(torch.ones(4, 2)).sum().backward()
        optimiser.step()
        text = describe(model, "net", namespace={"o": optimiser}).to_bytes().decode()
        assert '"lr":"Tensor"' in text
        assert str(float(model.weight[0, 0].detach()))[:7] not in text

    def test_a_network_that_raises_is_still_named(self) -> None:
        """What cannot be asked is left out."""

        class Broken(nn.Module):
            def named_modules(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
                raise RuntimeError

            def parameters(self, recurse: bool = True) -> object:  # type: ignore[override]
                raise RuntimeError

        record = describe(Broken(), "net", namespace={"x": 1})
        assert record.framework == "torch"
        assert [part.role for part in record.parts] == ["model"]
        assert record.layers == ()
