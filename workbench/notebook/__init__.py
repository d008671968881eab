"""What ``import workbench as wb`` offers in a notebook.

``functions``  share, request access, open
``lineage``    track, label data, show where a model comes from
``showing``    results as they are shown
"""
