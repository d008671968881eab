"""What a notebook session did: what ran, what became of each name, and what a model came of.

``tracker``      listens to IPython's cells; ``ipython`` what those tell
``history``      the journal: executions, what each statement read and bound
``versions``     the versions of each name; ``looks`` at objects without touching them
``flow``         which statement uses what; ``functions`` what functions use and change besides
``memories``     what cached functions gave back of earlier calls; ``arrays`` that share memory
``attribution``  which statement a reading or a change belongs to
``lineage``      from the journal back from a model to its sources; ``drawing`` that as a graph
``writers``      which statements wrote what was in a file when it was read
``pauses``       puts work off until the kernel has answered
``collector``    is spared what a new kernel is made of
``places``       where files lie, in words that name no user
``contracts``    what tracking needs of the senses
``gather``       all of it together at Share
``models``       fitted models in a kernel
``fitting``      which variables a model was fitted on: ``trainings`` finds the call that trained
                 it, ``training_calls`` what such a call is, ``arguments`` what it was handed,
                 ``unseen`` what the model has not seen, ``predictions`` what it was asked,
                 ``scopes`` what names in code stand for
"""
