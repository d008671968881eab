"""Keys, sealed files and signed statements.

Reading order:

``primitives``   every call into ``cryptography``, each with its reason
``keys``         what a person's device and a ledger hold: signing and sealing keys
``dsse``         signed in-toto statements in Sigstore bundles
``age``          sealed files, the public face; behind it, one module per part of the format:
                 ``age_header``; ``age_wrap`` (who can open) with ``age_hybrid``, ``age_x25519``,
                 ``age_scrypt`` and ``age_keys``; ``age_lock``, between those; ``age_stream`` (the
                 payload), ``age_reader`` (random access), ``age_armor``, ``age_io``, ``bech32``

Formats are those of the C2SP age specification, DSSE v1.0, in-toto Statement v1 and Sigstore bundle
v0.3. Nothing here opens a file or reads a clock.
"""
