"""What ``import workbench as wb`` offers in a notebook.

``functions``  share, request access, open
``inspecting`` look into models and files, stand-in data
``measured``   an inspection, and which model it is of; ``measuring`` what that needs
``lineage``    track, label data, show where a model comes from and whose copy a file is
``programs``   an opened model that is a program, for whoever insists
``showing``    results as they are shown
"""
