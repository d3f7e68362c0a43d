"""The house: imports point down only, and areas do not know each other."""

import ast
from pathlib import Path

import pytest

import colibris

ROOT = Path(colibris.__file__).parent

FLOORS = {
    1: {'errors', 'utils', 'conf', 'bridge', 'log'},
    2: {'taskqueue', 'persist', 'cache', 'template', 'email', 'authentication', 'authorization', 'ratelimit'},
    3: {'api', 'schemas', 'views', 'middleware', 'docs', 'shortcuts', 'accounts'},
    4: {'app', 'serving', 'health', 'checks', 'observability'},
    5: {'commands', 'startproject', 'test'},
}
FLOOR_OF = {part: floor for floor, parts in FLOORS.items() for part in parts}


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix('.py')


def imported_parts(path: Path) -> set[str]:
    """The parts of colibris that a module imports when it is imported itself."""
    parts: set[str] = set()
    pending: list[ast.AST] = [ast.parse(path.read_text())]
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_for_type_checkers(node):
                continue
            pending.append(node)
            if isinstance(node, ast.Import):
                parts |= {parts_of(alias.name) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module == 'colibris':
                parts |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                parts.add(parts_of(node.module))
    return parts & set(FLOOR_OF)


def parts_of(module: str) -> str:
    package, _, rest = module.partition('.')
    return rest.partition('.')[0] if package == 'colibris' else ''


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == 'TYPE_CHECKING'


MODULES = sorted(path for path in ROOT.rglob('*.py') if path != ROOT / '__init__.py' and 'static' not in path.parts)


def test_every_part_has_a_floor() -> None:
    assert {part_of(path) for path in MODULES} == set(FLOOR_OF)


@pytest.mark.parametrize('path', MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    part = part_of(path)
    floor = FLOOR_OF[part]
    imported = imported_parts(path) - {part}
    assert not {other for other in imported if FLOOR_OF[other] > floor}, 'an import that points up'
    if floor == 2:
        assert not {other for other in imported if FLOOR_OF[other] == 2}, 'an area that knows another one'
