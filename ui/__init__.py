"""The desktop application. The only package that imports PySide6; it reaches the world through `app` alone."""
