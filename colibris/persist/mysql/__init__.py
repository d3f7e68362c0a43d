"""MySQL and MariaDB: aiomysql for asynchronous code, PyMySQL for the rest."""

from colibris.persist.mysql.backend import MySQLBackend

__all__ = ['MySQLBackend']
