"""Heads and bodies derived from MakeHuman's CC0 base mesh (see README.md)."""
