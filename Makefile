# Two commands do all the set-up: `make lab` and `make test`. Each step leaves a mark in .make/,
# so the second run only does what changed.
.DEFAULT_GOAL := help
.PHONY: help lab test check pictures bench clean
SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null)

help:
	@echo "make lab       open JupyterLab on the workshop: four people, one browser"
	@echo "make test      install what the tests need, then run all of them"
	@echo "make check     ruff, mypy, eslint, prettier"
	@echo "make pictures  take the README's pictures again"
	@echo "make bench     measure against peers in the same run"
	@echo "make clean     remove everything that was made"

.make/venv:
	@echo "· virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Set PYTHON=…") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p .make && touch $@

.make/builder: .make/venv
	@echo "· bundler for the Lab extension"
	@$(BIN)/pip install --quiet "jupyter-builder>=1.2,<2" 2>&1 | grep -v "is ignored: it is" || true
	@$(BIN)/jupyter-builder --version >/dev/null && touch $@

.make/npm: labextension/package.json labextension/package-lock.json
	@echo "· front-end packages (about a minute the first time)"
	@mkdir -p .make && cd labextension && npm install --no-audit --no-fund --loglevel=error
	@touch $@

.make/bundle: .make/builder .make/npm labextension/package.json labextension/tsconfig.json labextension/bundle.mjs $(SOURCES)
	@echo "· building the Lab extension"
	@rm -rf workbench/labextension workbench/widgets/static
	@cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build:prod >../.make/bundle.log 2>&1 || { cat ../.make/bundle.log; exit 1; }
	@touch $@

.make/package: .make/bundle pyproject.toml
	@echo "· the package with JupyterLab and scikit-learn"
	@rm -rf $(VENV)/share/jupyter/labextensions/@sharing-workbench
	@set -o pipefail; $(BIN)/pip install --quiet --editable ".[lab,data,team]" 2>&1 | { grep -v "is ignored: it is" || true; }
	@touch $@

lab: .make/package
	@$(BIN)/workbench workshop examples/01-share-a-model.ipynb $(LAB_ARGS)

.make/dev: .make/package pyproject.toml
	@echo "· what the tests need from Python"
	@set -o pipefail; $(BIN)/pip install --quiet --editable ".[lab,data,onnx,team,frameworks,dev]" 2>&1 | { grep -v "is ignored: it is" || true; }
	@touch $@

.make/peers: tests/node/package.json
	@echo "· what the tests need from npm"
	@cd tests/node && npm install --no-audit --no-fund --loglevel=error
	@mkdir -p .make && touch $@

.make/system: .ci/system
	@.ci/system
	@mkdir -p .make && touch $@

test: .make/system .make/dev .make/peers check
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(PYTEST_ARGS)

check: .make/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd labextension && npm run --silent lint && npm run --silent test

pictures: .make/system .make/dev
	@echo "· the README's pictures, as the browser tests see them"
	$(BIN)/python -m pytest tests/browser/test_story.py tests/browser/test_looks.py -k "story or shared or Light"
	@mkdir -p examples/pictures
	@cp tests/browser/screenshots/story-share.png examples/pictures/share.png
	@for name in review ledger provenance; do cp tests/browser/screenshots/light-1280-$$name.png examples/pictures/$$name.png; done

bench: .make/system .make/dev .make/peers
	$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

clean:
	rm -rf .make $(VENV) labextension/node_modules labextension/lib workbench/labextension workbench/widgets/static labextension/src/graph/worker.text.ts tests/node/node_modules .workshop
