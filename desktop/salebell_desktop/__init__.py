"""Salebell's tray application: rings when a shop sells."""

from importlib.metadata import version

__version__ = version("salebell-desktop")
