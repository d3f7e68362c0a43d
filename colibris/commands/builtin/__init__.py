"""The commands that every project has, a module for each."""
