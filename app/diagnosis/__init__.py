"""Why something does not work: rules over what was read, without I/O."""
