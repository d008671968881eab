"""Which records a model was trained on, and what can be guessed about them: attacks, measured.

``measuring``   the whole of it, as one report
``answers``     a model as an attacker meets it
``signals``     what an answer says about one record
``attacks``     a score for each record; ``neighbours`` those from similar records; ``learned`` one
                that references teach
``references``  models trained again to compare with; ``refits`` how one is trained
``curves``      what scores are worth; ``intervals`` how sure that is
``exposure``    the records and groups most exposed
``attributes``  what can be guessed about a column
``canaries``    records planted to be recognised
``shift``       whether training data and holdout are of one kind
``samples``     members and non-members; ``tables`` rows in whatever form they come
``pace``        progress, and calling it off; ``timing`` how long references would take
"""
