"""Envelopes: what surrounds the data of answers, and the form that errors have.

The setting ``ENVELOPE`` names one by dotted path, and a view's attribute ``envelope_class`` another; without either,
data and errors are answered as they are.
"""

from colibris.api.envelope.base import Envelope, Paged
from colibris.api.envelope.meta import MetaEnvelope
from colibris.api.envelope.plain import PlainEnvelope
from colibris.api.envelope.problem import ProblemDetails
from colibris.api.envelope.slot import envelope_of

__all__ = ['Envelope', 'MetaEnvelope', 'Paged', 'PlainEnvelope', 'ProblemDetails', 'envelope_of']
