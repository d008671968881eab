"""Where things are kept. Services know the contracts only; ``app`` picks the concrete parts.

:mod:`~workbench.stores.contracts`  what the services ask for, at most six methods each

Records, the state and the ledger of an exchange:

:mod:`~workbench.stores.memory`     in memory: records and blobs for tests and throw-away exchanges
:mod:`~workbench.stores.database`   SQLite for one machine, PostgreSQL for a team
:mod:`~workbench.stores.appending`  what appending an event means, for every kind of store
:mod:`~workbench.stores.tables`     the tables, and how rows get into them fast
:mod:`~workbench.stores.migrate`    bring a database to the current tables, one process at a time
:mod:`~workbench.stores.upgrade`    the steps on that way (Alembic, loaded when a step is due)
:mod:`~workbench.stores.faults`     a database's errors in this package's words

Blobs, ciphertext by digest:

:mod:`~workbench.stores.disk`       an OCI image layout in a folder
:mod:`~workbench.stores.folder`     a model's folder, read strictly
:mod:`~workbench.stores.opened`     the folder a release is opened into, written whole
:mod:`~workbench.stores.archive`    one file that holds a sealed release (`.share`, an OCI archive)
:mod:`~workbench.stores.durable`    write aside, flush, rename; one writer at a time

Keys, used but not shown:

:mod:`~workbench.stores.keystore`   in a file under a passphrase; chooses where keys are kept
:mod:`~workbench.stores.holding`    what using a key means, for every keystore; in memory
:mod:`~workbench.stores.ring`       in the system's keyring
:mod:`~workbench.stores.agent`      behind a private socket, so that kernels hold no keys
:mod:`~workbench.stores.messages`   what an agent and its clients say to each other
:mod:`~workbench.stores.profile`    what one person's client remembers between contacts
:mod:`~workbench.stores.marks`      which copies an owner marked for whom, and the sealed key of it
"""
