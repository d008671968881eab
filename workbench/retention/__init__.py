"""What of the training data is kept inside a model, found where both are still together.

``looking``    one look at a model beside its data: the report
``table``      the training data as numbers, with the texts in it
``walk``       every array and text inside a model; ``opening`` and ``shapes`` of one object
``stages``     what each part of a model is given, and what the data becomes on the way
``view``       the training rows as one part is given them; ``keys`` of rows
``rows``       arrays that hold rows, ``near`` ones too; ``chance`` weighs them; ``blobs`` of bytes
``maps``       rows that somebody shifted, scaled or mixed before
``values``     single columns: values, targets, extremes
``texts``      categories, vocabularies, any other text
``leaves``     groups of trees with few people; ``ensembles`` gets at the trees
``notes``      what was noted until it is a report; ``remedies`` what to do about it
"""
