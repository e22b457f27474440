"""Python's own `import`, put back after Qt for Python has replaced it.

Its replacement serves `from __feature__ import ...`, which this program never uses, and for that reads and searches
the source file of every module that is imported afterwards: a tenth of the start, and of the first look at each tab.
"""

from __future__ import annotations

import builtins


def restore() -> None:
    """Undo the replacement, once Qt's core is loaded. Does nothing where Qt for Python no longer replaces it."""
    import PySide6.QtCore  # noqa: F401 - this is what replaces it

    own = getattr(builtins, "__orig_import__", None)
    if own is not None:
        builtins.__import__ = own
