"""Observability: metrics for Prometheus, traces by OpenTelemetry, and logs of what is slow.

What the settings do not ask for is not there: no step around requests, no wrapper; hooks are empty.
"""

from colibris.observability.outgoing import trace_config
from colibris.observability.processes import end_process, prepare_processes
from colibris.observability.setup import observe, observe_worker

__all__ = ['end_process', 'observe', 'observe_worker', 'prepare_processes', 'trace_config']
