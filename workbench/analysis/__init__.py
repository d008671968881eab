"""What a cell's code does with names, read off its syntax; nothing is run.

``syntax``   the tree of a cell, IPython's own words set aside
``magics``   code inside magics
``names``    what a piece of code uses and binds; ``walk`` goes through it in order
``methods``  which methods change what they are called on
``queried``  names in the text of a query
``parts``    code in the order in which it is written
``defuse``   statement by statement: used, defined, changed, called
``slices``   which lines of a loop lead to what it makes
"""
