"""What may hide behind a model's numbers: content in their low bits, behaviour planted in it.

============ ===================================================================================
looking      a search for hidden content, with a report
arrays       the numbers that a model holds, by name
planes       the low bits of numbers against what chance would give, and harmless reasons
payloads     bytes read from low bits in the usual ways, and what they begin like
placement    tensors that no part of the model uses, that appear twice, or are of odd types
sanitising   a copy whose low bits are empty, and what that cost
screening    a search for backdoors in classifiers, with a report
triggers     small changes of a row that push it into a class
activations  groups of rows inside a network that do not belong together
============ ===================================================================================
"""
