"""What an inspection says: records that are signed into a release's evidence, and read back.

``finding``        one thing that was found, why it matters, what to do about it
``scan``           whether opening the files could run code
``converted``      a model in a safer form, and the proof that it says the same
``retained``       what of the training data is kept inside a model
``leakage``        how well attacks tell who was in the training data; ``leakage_words`` in words
``depth``          how closely a person wants a model to be looked at
``hidden``         what else is stored in the numbers of a model, and planted behaviour
``mark``           which recipient's copy of a model it is
``standin``        made-up data, and how near it comes to the real
``statement``      all of them as signed statements, and as facts of a listing
``rows``           all of them as one row for each check; ``pages`` in plain lines
"""
