"""Where releases come from, as one person may see it.

What is signed lies in the evidence, which only its holders can open: the owner, the reviewers who
are custodians, and whoever opened the release. What a release was derived from stands in the
listing, which everybody sees.

``drafting``  what the lineage of a model makes of its release before it is published
``trail``     a release with its evidence, from an exchange or an opened folder
``shown``     the graph, and what to make of it
``checked``   what was measured about a release
``changed``   what differs from the version before
``family``    what was derived from what, and who holds it
``whose``     whose marked copy a found file is
``exported``  as PROV, RO-Crate, ML-BOM, SLSA
"""
