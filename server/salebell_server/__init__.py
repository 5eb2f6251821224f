"""Salebell's headless server: takes sales in over HTTP, pushes events to admins over WebSocket."""

from importlib.metadata import version

__version__ = version("salebell-server")
