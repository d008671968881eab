"""An append-only log that proves what it says.

:mod:`~workbench.ledger.merkle`      roots and proofs of the tree            RFC 6962, RFC 9162
:mod:`~workbench.ledger.checkpoint`  a signed statement of size and root     C2SP tlog-checkpoint
:mod:`~workbench.ledger.proof`       a receipt that one event is in the log  C2SP tlog-proof

Everything here is pure: bytes and numbers in, bytes or an error out.
"""
