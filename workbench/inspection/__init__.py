"""What a model would give away, measured where model and data are still together.

``checks``    the checks, one after the other, each by itself: one that fails stops no other
``identity``  whether a model is still the one that was measured

Needs NumPy; whoever offers an inspection imports this when one is asked for.
"""
