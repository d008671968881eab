"""Where a model comes from, as records that can be signed, compared and exported.

``graph``      sources, steps and versions, and how each is known
``record``     the training, its surroundings and its code
``statement``  these as predicates of signed statements, and back
``labels``     how labels of data flow to what is made of it
``tables``     the same as tables of two columns
``changes``    what differs between two releases; ``cells`` finds which cell became which
``dossier``    what an export is made of; ``rendering`` what exports have in common
``prov``       W3C PROV-JSON
``crate``      RO-Crate (Process Run Crate)
``bom``        CycloneDX ML-BOM, with its model ``card``
``slsa``       in-toto SLSA provenance
"""
