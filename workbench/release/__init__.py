"""What a release is made of, and how a received one is believed.

::

    signing     the model's files and their digests under one signature   OpenSSF Model Signing v1.0
    layout      manifest, index and referrers                             OCI image spec v1.1
    envelope    the release keys as one device reads them                 age identity file
    evidence    what was measured about the model                         in-toto statements by line
    acts        what people sign: requesting, voting, granting, revoking  in-toto statements
    copied      what a granter signs about a marked copy                  in-toto statements by line
    granted     whether a grant is valid for a device, now
    trust       the ordered verification of all of it

Everything here is pure: bytes in, bytes or a :class:`~workbench.errors.TrustError` out.
"""

from __future__ import annotations

__all__: list[str] = []
