"""One change for many people, in one dialog for every tab: dry run, question, progress, result, again, and back."""
