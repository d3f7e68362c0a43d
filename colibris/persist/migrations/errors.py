"""What can go wrong with migrations; every message names the file, table or column and says how to mend it."""

from colibris.errors import ColibrisError


class MigrationError(ColibrisError):
    """The migrations could not be made or applied."""


class MigrationFileError(MigrationError):
    """A migration file cannot be used."""


class MigrationHistoryError(MigrationError):
    """The migration files and the migrations recorded in the database contradict each other."""


class UnknownMigrationError(MigrationError):
    """No migration has this name."""


class UnsupportedChangeError(MigrationError):
    """A change of the models cannot be made automatically."""


class QuestionError(MigrationError):
    """A question needs an answer, and there is no terminal to ask it on."""


class MigrationFailedError(MigrationError):
    """A migration's statement failed in the database."""

    def __init__(self, message: str, *, done: list[str] | None = None, failed: str | None = None) -> None:
        """Keep what was executed and stayed (`done`, empty when all was rolled back) and the statement that failed."""
        super().__init__(message)
        self.done = done or []
        self.failed = failed
