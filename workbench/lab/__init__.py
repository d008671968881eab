"""The Jupyter server extension: the Lab's HTTP interface, thin over a session.

:mod:`desk`       one server's workplace: who acts, what is unlocked, the agent for its kernels
:mod:`works`      long work that a browser waits for, and may cancel
:mod:`files`      files as the file browser names them
:mod:`routes`     each path is one plain function from arguments to JSON
:mod:`handlers`   HTTP in and out, off the event loop
:mod:`extension`  mounting it in a Jupyter server
"""
