"""Mail servers, by SMTP."""

from colibris.email.smtp.backend import SMTPBackend

__all__ = ['SMTPBackend']
