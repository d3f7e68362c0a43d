"""The root of every exception that colibris raises, and the ones that belong to no single area."""


class ColibrisError(Exception):
    """colibris could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or default_message(type(self)))


class ConfigurationError(ColibrisError):
    """The project's settings are not usable."""


class MissingDependencyError(ConfigurationError):
    """A package that the chosen backend needs is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; install it with: pip install 'colibris[{extra}]'")


def default_message(cls: type[BaseException]) -> str:
    """The first line of an exception's docstring, which is what it says when nothing more exact is known."""
    return (cls.__doc__ or cls.__name__).strip().splitlines()[0]
