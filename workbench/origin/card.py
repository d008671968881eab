"""The model card within a bill of materials: how the model was trained, measured and bound.

What kind of learning it is is read off the class's name, where that says it; else it is left out.

Source: ECMA-424 (CycloneDX 1.6), ``modelCard``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from workbench.origin.dossier import Dossier
from workbench.origin.labels import NOWHERE, Label, combined, reaching, unmarked
from workbench.origin.record import Training
from workbench.origin.rendering import properties, text

__all__ = ["model_card"]

Block = dict[str, Any]

# What a class's full name tells: approach, task, output. The first that is found in it counts.
_KINDS: Final[tuple[tuple[re.Pattern[str], str, str, str], ...]] = (
    (
        re.compile(r"Classifier\w*$|SVC$|\.LogisticRegression(CV)?$|NB$"),
        *("supervised", "classification", "a class"),
    ),
    (
        re.compile(r"Regressor\w*$|SVR$|Regression(CV)?$|\.(Ridge|Lasso|ElasticNet)(CV)?$"),
        *("supervised", "regression", "a number"),
    ),
    (
        re.compile(r"^sklearn\.(cluster|mixture)\."),
        *("unsupervised", "clustering", "a cluster"),
    ),
    (
        re.compile(r"^sklearn\.(decomposition|manifold)\."),
        *("unsupervised", "dimensionality reduction", "coordinates"),
    ),
)
_FAMILIES: Final = (
    (re.compile(r"^(xgboost|lightgbm)\."), "gradient boosted trees"),
    (re.compile(r"^(torch|keras|tensorflow)\.|^sklearn\.neural_network\."), "neural network"),
    (re.compile(r"^sklearn\.linear_model\."), "linear model"),
    (re.compile(r"^sklearn\.svm\."), "support vector machine"),
    (re.compile(r"^sklearn\.(ensemble|tree)\."), "decision trees"),
    (re.compile(r"^sklearn\.neighbors\."), "nearest neighbours"),
    (re.compile(r"^sklearn\.naive_bayes\."), "naive Bayes"),
)


def model_card(dossier: Dossier, data: Iterable[str]) -> Block:
    """Return a CycloneDX model card; ``data`` names the components that are data by reference."""
    training = dossier.training
    label = combined(reaching(dossier.graph))
    card: Block = {
        "modelParameters": _parameters(training, data),
        "considerations": _considerations(dossier, label),
        "properties": properties(_recorded(training) | _inherited(label)),
    }
    if training and training.metrics:
        card["quantitativeAnalysis"] = {
            "performanceMetrics": [
                {"type": metric.name, "value": text(metric.value), "slice": metric.on}
                for metric in training.metrics
            ]
        }
    return card


def _parameters(training: Training | None, data: Iterable[str]) -> Block:
    parameters: Block = {"datasets": [{"ref": ref} for ref in data]}
    if training is None:
        return parameters
    names = [training.type, *(part.type for part in reversed(training.parts))]
    for pattern, approach, task, output in _KINDS:
        if any(pattern.search(name) for name in names):
            parameters |= {
                "approach": {"type": approach},
                "task": task,
                "outputs": [{"format": output}],
            }
            break
    for pattern, family in _FAMILIES:
        if training.layers or any(pattern.search(name) for name in names):
            parameters["architectureFamily"] = "neural network" if training.layers else family
            break
    if training.features > 0:
        parameters["inputs"] = [{"format": f"a table of {training.features} columns"}]
    parameters["modelArchitecture"] = _architecture(training)
    return parameters


def _architecture(training: Training) -> str:
    """Return the parts in their order, by the last word of their type."""
    roles = ("preprocessing", "model")
    parts = [part.type for part in training.parts if part.role in roles and part.path != "model"]
    layers = [layer.type for layer in training.layers]
    return " → ".join(name.rpartition(".")[2] for name in (*parts, *layers) or [training.type])


def _considerations(dossier: Dossier, label: Label) -> Block:
    """Return what a user has to know: where it may go, and what nobody saw."""
    bound = [{*given} for given in (dossier.regions, label.regions) if given]
    regions = sorted(set.intersection(*bound)) or [NOWHERE] if bound else []
    risks = [f"It came of {label.classification.value} data"] if label.names else []
    if NOWHERE in regions:
        risks.append("Its weights may go to no device: its data has no region in common")
    elif regions:
        risks.append(f"Its weights may go to devices in {', '.join(regions)} only")
    limits = [f"Not seen: {gap}" for gap in dossier.graph.gaps]
    limits += [f"Nobody said what data this is: {node.label}" for node in unmarked(dossier.graph)]
    found: Block = {
        "useCases": [f"Under the terms {dossier.terms_title}"] if dossier.terms_title else [],
        "technicalLimitations": limits,
        "ethicalConsiderations": [{"name": risk} for risk in risks],
    }
    return {key: value for key, value in found.items() if value}


def _recorded(training: Training | None) -> dict[str, object]:
    if training is None:
        return {}
    settings = {
        f"setting:{part.path}:{name}": value
        for part in training.parts
        for name, value in part.parameters.items()
    }
    return {
        "framework": training.framework,
        "class": training.type,
        **settings,
        **{f"seed:{name}": value for name, value in training.seeds.items()},
        **{f"annotation:{name}": value for name, value in training.annotations.items()},
    }


def _inherited(label: Label) -> dict[str, object]:
    if not label.names:
        return {}
    return {
        "data:classification": label.classification.value,
        "data:region": list(label.regions),
        "data:licence": list(label.licences),
        "data:name": list(label.names),
    }
