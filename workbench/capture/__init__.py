"""What the notebook's kernel knows about a model.

:mod:`models`  finding fitted models, saving and loading them in a safe form, describing them
"""
