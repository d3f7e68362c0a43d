"""Processes that tests start."""

import subprocess

__all__ = ['Process']


class Process(subprocess.Popen):
    """One that does not outlive a test that fails: leaving the block by an exception kills it."""

    def __exit__(self, exc_type, *rest):
        if exc_type is not None:
            self.kill()
        return super().__exit__(exc_type, *rest)
