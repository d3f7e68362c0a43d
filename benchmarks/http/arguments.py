"""Kinds of arguments."""


def names(text: str) -> list[str]:
    """Names with commas between them."""
    return text.split(',')


def positive(text: str) -> int:
    """A positive number."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number
