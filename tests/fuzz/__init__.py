"""Random changes to model files, to see whether the scanner ever fails: ``python -m tests.fuzz``.

``seeds``          files of each format to start from
``rules``          what must hold for any bytes whatever
``fuzz_scanning``  guided by coverage, for as long as one likes (needs ``atheris``)
``test_scanning``  a few hundred random changes, with the other tests
"""
