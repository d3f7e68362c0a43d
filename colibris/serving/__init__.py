"""Serving an application: in one process, in workers, or in one that starts anew when files change."""
