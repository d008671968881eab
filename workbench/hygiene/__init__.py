"""Code and outputs before they leave: secrets taken out, rows of data found.

``redaction``  secrets in code; ``suspects`` the rules of our own
``outputs``    outputs that show rows of the training data; ``rows`` and ``columns`` match them
``notebook``   the code that travels
"""
