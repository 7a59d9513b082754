# Danggui: every command a developer needs. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := archive/web
BUILT := $(WEB)/static/build/manifest.json
MODELS := ingest/models/built.txt
MESSAGES := $(wildcard archive/locale/*/LC_MESSAGES/*.po)
CATALOGUES := $(MESSAGES:.po=.mo)

# Assets are always built with the node of the virtual environment, never with the machine's.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DEBIAN_FRONTEND := noninteractive

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench docs clean wheel assets models catalogues screenshots servers constraints

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp assets models catalogues ## Build what is missing, prepare the demo archive in var/, and serve it
	danggui --data var demo
	danggui --data var serve

test: $(VENV)/dev.stamp assets models catalogues servers lint ## Check everything: lint, types, then all tests on real servers
	pytest --durations=10

lint: $(VENV)/dev.stamp ## Check style, types and the direction of imports
	ruff check .
	ruff format --check .
	mypy
	lint-imports

format: $(VENV)/dev.stamp ## Put the sources into the project's style
	ruff format .
	ruff check --fix .

bench: $(VENV)/bench.stamp assets models ## Measure speed and errors (further scans: make bench SCANS=folder)
	sh tools/bench-packages.sh
	python -m bench $(SCANS)
	python -m bench.ingest $(addprefix --scans=,$(SCANS))

docs: $(VENV)/dev.stamp ## Build the documentation into build/docs and check its links
	python -m tools.docs

screenshots: $(VENV)/dev.stamp assets models catalogues ## Take the README's screenshots from a running demo
	python -m tools.screenshots

assets: $(BUILT) ## Build styles, scripts and fonts into archive/web
models: $(MODELS) ## Fetch the recognition models into ingest/models
catalogues: $(CATALOGUES) ## Compile the translations

wheel: $(VENV)/run.stamp assets models catalogues ## Build dist/danggui-*.whl with everything in it
	python -m build --wheel

constraints: ## Write constraints.txt anew: the newest versions that fit setup.cfg
	sh tools/constraints.sh "$(PYTHON)"

clean: ## Remove everything built; the demo archive in var/ stays
	rm -rf $(VENV) .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf $(WEB)/node_modules $(WEB)/static/build ingest/fonts/*.ttf ingest/models/*.onnx ingest/models/*.txt
	find archive ingest search storage tests bench tools samples -name __pycache__ -prune -exec rm -rf {} +
	find archive -name '*.mo' -delete

servers: ## Install or build the servers the tests use
	sh tools/system-packages.sh
	sh tools/versitygw.sh
	sh tools/s3proxy.sh
	sh tools/verapdf.sh
	cd tests/servers/oidc && npm ci --silent

# --- files ---

$(BIN)/python:
	sh tools/virtual-environment.sh "$(PYTHON)" "$(VENV)"

$(VENV)/run.stamp: $(BIN)/python setup.cfg pyproject.toml constraints.txt
	PYTHONWARNINGS=ignore python -m pip install -q -c constraints.txt -e '.[build]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	PYTHONWARNINGS=ignore python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	PYTHONWARNINGS=ignore python -m pip install -q -c constraints.txt -e '.[bench]'
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json | $(VENV)/run.stamp
	cd $(WEB) && npm ci --silent
	@touch $@

$(BUILT): $(WEB)/node_modules/.package-lock.json $(WEB)/build.mjs $(shell find $(WEB)/static/src -type f)
	cd $(WEB) && node build.mjs

$(MODELS): ingest/build_models.py ingest/quantise.py ingest/calibration.tif | $(VENV)/run.stamp
	python -m ingest.build_models
	@touch $@

%.mo: %.po | $(VENV)/run.stamp
	pybabel -q compile --input-file $< --output-file $@
