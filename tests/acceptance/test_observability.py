"""The page about observability: its examples are executed, and its table of metrics is complete."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

import colibris.observability.metrics  # noqa: F401  # makes the metrics
from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY
from tests.acceptance.tour import table_of, take_tour

PAGE = REPOSITORY / 'docs' / 'observability.md'
TEXT = PAGE.read_text()
ASKED_OF_THE_QUEUE = {'colibris_tasks', 'colibris_task_oldest_waiting_seconds', 'colibris_task_workers'}


def test_tour(environment: Environment, wheel: Path, tmp_path: Path) -> None:
    environment.install(f'{wheel}[metrics,tracing]')
    take_tour(PAGE, environment.path / 'bin', tmp_path).check()


def test_links_lead_somewhere() -> None:
    headings = {title.lower().replace(' ', '-') for title in re.findall(r'^###? (.+)$', TEXT, re.MULTILINE)}
    links = [link for link in re.findall(r'\]\(([^)]+)\)', TEXT) if not link.startswith('https:')]
    assert {link[1:] for link in links if link.startswith('#')} == headings
    assert all((PAGE.parent / link).exists() for link in links if not link.startswith('#'))


def test_every_metric_is_listed() -> None:
    metrics = {
        metric.name + ('_total' if metric.type == 'counter' else '')
        for metric in REGISTRY.collect()
        if metric.name.startswith('colibris_')
    }
    listed = {row[0].strip('`') for row in table_of(PAGE, 'Metric', 'Labels', 'Meaning')}
    assert listed == metrics | ASKED_OF_THE_QUEUE
