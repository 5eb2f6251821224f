"""The command `salebell`; also `python -m salebell_desktop`."""

import os
import sys

from salebell_desktop.app import run


def main() -> None:
    """Run the tray application in this process."""
    sys.exit(run(sys.argv[1:], os.environ))


if __name__ == "__main__":
    main()
