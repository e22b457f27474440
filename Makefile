# Every command sets up what it needs first; a second run is quick.
PYTHON_BIN := .venv/bin/python
.PHONY: demo run test check bench package lock setup setup-test setup-package clean

setup:
	@sh packaging/setup.sh

setup-test:
	@sh packaging/setup.sh test

setup-package:
	@sh packaging/setup.sh package

# The demo workspace in a window; on a machine without a display, a guided tour into build/tour/*.png.
demo: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
	  $(PYTHON_BIN) -m ui --demo; \
	else \
	  $(PYTHON_BIN) -m ui tour --demo build/tour; \
	fi

run: setup
	@$(PYTHON_BIN) -m ui

test: setup-test
	$(PYTHON_BIN) -m pytest -q

check: setup
	$(PYTHON_BIN) -m ruff check .
	$(PYTHON_BIN) -m ruff format --check .
	$(PYTHON_BIN) -m mypy
	.venv/bin/lint-imports

bench: setup
	$(PYTHON_BIN) -m tests.bench

package: setup-package
	$(PYTHON_BIN) packaging/build.py

# Refreshes the pins for every platform after a change of pyproject.toml; needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras --no-header --no-annotate \
	  pyproject.toml -o packaging/constraints.txt

clean:
	rm -rf build dist .venv
