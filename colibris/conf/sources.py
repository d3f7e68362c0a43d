"""Where the values of settings come from, for people who wonder."""

__all__ = ['Sources', 'sources']


class Sources:
    """What is noted while settings are loaded."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._places: dict[str, list[str]] = {}
        self._variables: dict[str, dict[str, str | None]] = {}

    def note_file(self, variable: str, path: str) -> None:
        """An environment variable has been set by a file."""
        self._files[variable] = path

    def note_place(self, setting: str, place: str) -> None:
        """A setting is, at least in part, what a file of settings says."""
        self._places.setdefault(setting, []).append(place)

    def note_variable(self, setting: str, variable: str, entry: str | None = None) -> None:
        """A setting, or one of its entries, is the value of an environment variable."""
        self._variables.setdefault(setting, {})[variable] = entry

    def forget_variable(self, setting: str, variable: str) -> None:
        """The setting's value is not that of the variable any more."""
        del self._variables[setting][variable]

    def variables_of(self, setting: str) -> dict[str, str | None]:
        """The environment variables that have said entries of a setting, each with the entry; ``None``: all of it."""
        return dict(self._variables.get(setting, {}))

    def describe(self, setting: str) -> list[str]:
        """The files that say a setting, and the environment variables, each with the file that has set it."""
        variables = map(self._describe_variable, self._variables.get(setting, ()))
        return [*self._places.get(setting, ()), *variables]

    def clear(self) -> None:
        """Forget the settings; the files of variables have been read for the whole process."""
        self._places.clear()
        self._variables.clear()

    def _describe_variable(self, name: str) -> str:
        return f'{name} in {self._files[name]}' if name in self._files else name


sources = Sources()
