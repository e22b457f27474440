"""Where a packaged build starts: the same as `python -m ui` and the console script."""

from __future__ import annotations

import sys

from ui.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
