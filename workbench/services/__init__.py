"""The verbs of an exchange: each checks, asks the gateway, and leaves one explained event.

:mod:`context`    what every verb stands on: the actor, the transaction, the refusal that is logged
:mod:`content`    files are looked into before they are sealed, and when they are opened
:mod:`questions`  what the gateway is asked about a person and a release
:mod:`sealing`    model files become sealed blobs
:mod:`envelopes`  release keys are sealed to one device, and opened by the one that holds them
:mod:`ballots`    what reviewers say, and what it comes to together
:mod:`granting`   an approved request becomes a grant
:mod:`unlocking`  a received release is verified step by step and opened
:mod:`parcels`    what an exchange hands over besides the blobs
:mod:`opened`     what an opened folder keeps, and how it is verified again
:mod:`signed`     what people signed is compared with what is kept
:mod:`enrol`      a person or a device joins; somebody is suspended
:mod:`descent`    what was derived from what
:mod:`policies`   which policies are in force
:mod:`steer`      a steward puts other policies into force
:mod:`publish`    a release appears, ages, and leaves
:mod:`pack`       a sealed file for named people, without an exchange
:mod:`marks`      which copies a person marked for whom, and the key of the marks
:mod:`markable`   whether a model can carry a mark, by the kinds of its files
:mod:`marking`    a copy is marked for one person, and a found file is traced
:mod:`withheld`   blobs that become visible later, or never
:mod:`copying`    a marked copy is made when a request is approved
:mod:`request`    somebody asks for a right, asks again, or withdraws
:mod:`review`     a reviewer decides; a grant is made or revoked
:mod:`retrieve`   a grant is used
:mod:`load`       an opened model that is a program is loaded, for whoever insists
:mod:`audit`      what happened, proved
"""
