"""The command `salebell-server`.

Exit status: 0 done, 1 refused or failed, 2 wrong usage or configuration.
"""
