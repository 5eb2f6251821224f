"""Salebell's tray application: rings when a shop sells."""
