"""The forms for notebooks: one implementation, in a cell and in the Lab's side area.

:mod:`parts`         fields with labels above, messages, the gateway's answer
:mod:`share_form`    from a fitted model to a published release
:mod:`share_fields`  what is entered in it; :mod:`checks` what is measured meanwhile,
                     :mod:`depth` how closely; :mod:`form_field` in which form it leaves
:mod:`origin`        what a model was trained on
:mod:`request_form`  from a release to a request
:mod:`graph`         the lineage as a picture; :mod:`roc` what attacks found, as a picture
:mod:`bundles`       what runs in the browser for these
"""
