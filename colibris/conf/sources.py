"""Where the values of settings come from, for people who wonder."""

__all__ = ['Sources', 'sources']


class Sources:
    """What is noted while settings are loaded."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._variables: dict[str, list[str]] = {}

    def note_file(self, variable: str, path: str) -> None:
        """An environment variable has been set by a file."""
        self._files[variable] = path

    def note_variable(self, setting: str, variable: str) -> None:
        """A setting is, at least in part, the value of an environment variable."""
        noted = self._variables.setdefault(setting, [])
        if variable not in noted:
            noted.append(variable)

    def describe(self, setting: str) -> list[str]:
        """The environment variables that a setting was made of, each with the file that has set it."""
        noted = self._variables.get(setting, [])
        return [f'{name} in {self._files[name]}' if name in self._files else name for name in noted]

    def clear(self) -> None:
        """Forget the variables; the files have been read for the whole process."""
        self._variables.clear()


sources = Sources()
