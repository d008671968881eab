"""Where a model comes from, as records that can be signed, compared and exported.

``graph``      sources, steps and versions, and how each is known
``record``     the training, its surroundings and its code
``statement``  these as signed statements in a release's evidence, and back
``changes``    what differs between two releases
``prov``       W3C PROV-JSON
``crate``      RO-Crate (Process Run Crate)
``bom``        CycloneDX ML-BOM
``slsa``       in-toto SLSA provenance
"""
