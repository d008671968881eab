"""How reading and writing is noticed while a cell runs, strongest evidence first.

``readings``      the word that is passed on: an address, how it is known, which line
``addresses``     whatever a reader was given as addresses without credentials; ``urls`` ``queries``
                  and ``commands`` those in texts; ``sources`` what counts as data at all
``observing``     the interpreter's audit events: observed
``readers``       wrapped readers that bypass the interpreter: resolved; ``reader_table`` lists them
``watching``      the file system's word, without knowing which program: inferred
``hashing``       digests of files, taken in the background
``together``      all of them, one answer for each address
"""
