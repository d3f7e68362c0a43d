"""The same service with views written by hand: plain Peewee in async functions."""
