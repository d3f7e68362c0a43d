"""Chance requests to a project that has everything of the HTTP layer; ``scripts/fuzz --help`` tells how to run them.

``shop`` is the project, ``serving`` starts it, ``generated`` lets schemathesis ask what the API document allows and
forbids, ``mangling`` makes requests that are broken somewhere, and ``attack`` sends them.
"""
