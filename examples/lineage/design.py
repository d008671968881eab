"""The design matrix of the lipid group; notebooks bring it in with ``%run design.py``."""

COLUMNS = ["cholesterol_mmoll", "weight_kg"]


def design_matrix(cohort):
    """Return inputs and outcome; the interaction was agreed on in January."""
    inputs = cohort[COLUMNS].copy()
    inputs["interaction"] = inputs.prod(axis=1)
    return inputs, cohort["event"]
