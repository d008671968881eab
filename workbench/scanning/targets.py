"""Names of code in settings: what programs import and call when they read such settings.

Hydra, Lightning, NeMo, MLflow, diffusers and sentence-transformers build what a settings file
names. NeMo did so with any name (CVE-2025-23304), and others still do. Known are classes of
libraries that models are built with, in the places where their layers, optimisers and data live;
what loads files, runs code or takes such as text is on no list.
"""

from __future__ import annotations

import re

__all__ = ["LOADERS", "is_dotted", "is_known", "is_module_type", "is_part"]

# A class of these, by its spelling: no function, nothing private, no attribute of a class.
_CLASS = re.compile(
    r"(?:"
    r"torch\.(?:nn(?:\.[a-z]\w*)*|optim(?:\.[a-z]\w*)*|utils\.data|distributions)|"
    r"torchvision\.(?:models|ops|transforms)(?:\.[a-z]\w*)*|torchmetrics(?:\.[a-z]\w*)*|"
    r"torchaudio\.(?:models|transforms)|"
    r"(?:lightning\.pytorch|pytorch_lightning)(?:\.(?:callbacks|loggers|strategies|profilers))?|"
    r"nemo\.(?:collections|core)(?:\.[a-z]\w*)*|"
    r"transformers(?:\.models(?:\.[a-z]\w*)*)?|"
    r"diffusers(?:\.(?:models|schedulers)(?:\.[a-z]\w*)*)?|"
    r"omegaconf|"
    r"sklearn\.(?!(?:datasets|externals|tests|utils)\b)[a-z]\w*(?:\.[a-z_]\w*)*"
    r")\.[A-Z]\w*\Z",
    re.ASCII,
)
# Classes there that call what they are given, load what they are told to, or take over the program.
_GADGET = re.compile(
    r"\.(?:\w*Lambda\w*|\w*Function\w*|\w*CLI|\w*Pipeline|\w*Tool|\w*Agent|\w*Interpreter\w*|"
    r"OmegaConf|Auto\w+|\w*Wrapper|\w*Loader|\w*Checkpoint\w*|\w*Connector|\w*Restore\w*)\Z"
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")

# MLflow's own loaders; each reads the files beside the settings, which are looked into themselves.
LOADERS = frozenset(
    f"mlflow.{name}"
    for name in (
        *("catboost", "diviner", "fastai", "gluon", "h2o", "keras", "lightgbm", "mleap", "onnx"),
        *("paddle", "pmdarima", "prophet", "pyfunc.model", "pytorch", "sentence_transformers"),
        *("shap", "sklearn", "spacy", "spark", "statsmodels", "tensorflow", "transformers"),
        *("xgboost",),
    )
)

# Modules of sentence-transformers (modules.json), without what leads to other code.
_MODULES = frozenset(
    f"sentence_transformers.{place}models.{name}"
    for place, names in (
        (
            "",
            "BoW CLIPModel CNN Dense Dropout LSTM LayerNorm Normalize Pooling StaticEmbedding "
            "Transformer WeightedLayerPooling WordEmbeddings WordWeights",
        ),
        (
            "sparse_encoder.",
            "MLMTransformer SparseAutoEncoder SparseStaticEmbedding SpladePooling IDF",
        ),
    )
    for name in names.split()
)

# Where diffusers finds the parts of a pipeline (model_index.json): libraries, and its own folders.
_PARTS = {
    *("diffusers", "transformers", "stable_diffusion", "stable_diffusion_xl", "stable_diffusion_3"),
    *("latent_diffusion", "deepfloyd_if", "paint_by_example", "alt_diffusion", "unclip", "shap_e"),
    *("versatile_diffusion", "kandinsky", "kandinsky2_2", "wuerstchen", "audioldm", "audioldm2"),
    *("blip_diffusion", "unidiffuser", "spectrogram_diffusion"),
}


def is_known(target: str) -> bool:
    """Tell whether a name is that of a class which only computes."""
    return _CLASS.match(target) is not None and _GADGET.search(target) is None


def is_dotted(target: str) -> bool:
    """Tell whether a text is a name with dots, as those of code are."""
    return _DOTTED.match(target) is not None


def is_module_type(name: str) -> bool:
    """Tell whether a name is that of a module of sentence-transformers."""
    head, _, last = name.rpartition(".")
    return name in _MODULES or (head in _MODULES and head.endswith(f".{last}"))


def is_part(library: object) -> bool:
    """Tell whether diffusers finds a part of a pipeline in this place without other code."""
    return library is None or library in _PARTS
