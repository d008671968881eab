"""A keyed mark in the weights of each recipient's copy, and how it is found again.

A deterrent, not a lock: it tells with statistical evidence whose copy a found file is, and can be
removed by whoever holds the unmarked model.

============ ===================================================================================
tensors      safetensors files, read strictly and written: header, values, number formats
signs        the keyed stream of +1 and -1, byte for byte
carriers     which tensors can carry a mark, and how wide their weights spread
embedding    a marked copy, file to file
pairing      which tensor of a copy is which of the original
aligning     neurons that were moved or scaled, put back
scoring      how well marks fit what differs, and what made-up keys reach
finding      whose copy it is
============ ===================================================================================
"""
