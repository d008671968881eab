"""How fast, against a named peer, mostly in the same run: ``python -m tests.benchmarks``.

``measuring``  processes, medians, the table
``sharing``    publishing and opening, against model_signing and age
``tensor``     one tensor out of a sealed file, against age
``ledger``     the log, against pymerkle
``gateway``    decisions, against Cedar from text
``scanning``   hostile and harmless files, against ``scanners``; ``corpus`` those files
``leakage``    membership attacks, beside figures of sacroml recorded once
``capture``    tracking a notebook, against none and against MLflow's autolog
``startup``    how long a program takes to be there
``person``     what the measured processes of ours do

Ratios count, not times: the machine may be busy, but it is equally busy for both sides.
"""
