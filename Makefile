# Two commands set everything up: `make demo` and `make test`. Nothing is installed outside .venv, but for the Debian
# packages of the test servers (only as root on Debian; elsewhere those tests are skipped and say so).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench prove docs clean format

$(VENV)/.program: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.development: $(VENV)/.program
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

demo: $(VENV)/.program
	$(BIN)/keepfolio demo demo-portfolio

test: $(VENV)/.development
	$(BIN)/python -m tests.servers.install
	$(MAKE) check
	$(BIN)/pytest -n 2 --dist loadfile

check: $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: $(VENV)/.development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

prove: $(VENV)/.development
	$(BIN)/python -m tests.prove

docs: $(VENV)/.program
	$(BIN)/python -m bridge.cli.reference docs/reference

clean:
	rm -rf $(VENV) build demo-portfolio .mypy_cache .pytest_cache .ruff_cache .hypothesis
