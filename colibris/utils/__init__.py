"""Small helpers that belong to no area."""
