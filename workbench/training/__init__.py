"""How a model was trained and in what surroundings; settings, never data.

``kinds``        what an object is, asked without touching it
``settings``     hyperparameters as plain values
``record``       a model walked into its parts; ``networks`` and ``boosters`` theirs
``seeds``        where chance began
``metrics``      numbers that cells measured; ``measuring`` more of them on named data
``environment``  versions, machine, commit; nothing that tells whose machine it is
"""
