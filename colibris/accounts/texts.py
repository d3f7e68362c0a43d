"""What is sent by e-mail."""

__all__ = ['RESET', 'VERIFICATION']

RESET = """\
Somebody, you we hope, has asked to reset the password of your account. To choose a new one, open this link:

{link}

If it was not you, you need not do anything: your password is as it was.
"""

VERIFICATION = """\
To prove that this address is yours, open this link:

{link}

If you have no account with us, you need not do anything.
"""
