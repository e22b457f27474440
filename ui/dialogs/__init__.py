"""Dialogs that several tabs use."""
