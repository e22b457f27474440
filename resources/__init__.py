"""Files that ship with the program: icons, design tokens, style sheet, SQL. Read them with importlib.resources."""
