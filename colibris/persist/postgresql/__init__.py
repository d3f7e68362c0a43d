"""PostgreSQL: asyncpg for asynchronous code, psycopg for the rest."""

from colibris.persist.postgresql.backend import PostgreSQLBackend

__all__ = ['PostgreSQLBackend']
