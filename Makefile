# Countersign's commands. `make` alone lists them.

.PHONY: help demo test check format coverage bench bench-full soak lock assets dev clean
.DEFAULT_GOAL := help
# One thing at a time: on a machine of two cores the tests use both.
.NOTPARALLEL:
.DELETE_ON_ERROR:

BIN := .venv/bin
PACKAGES := broker idp_adapters consent audit config tests $(wildcard bench)
# A file's tests stay on one process, so that what they share (a federation, a browser) is started once.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

# Touched when the lock file they are named for has been installed.
DEMO := .venv/demo.installed
DEV := .venv/dev.installed
NODE_MODULES := node_modules/.installed
STATIC := broker/pages/static/manifest.json

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(DEMO) $(STATIC) ## a whole federation on this machine, until Ctrl-C (RESET=1 forgets the last one)
	@exec $(BIN)/countersign demo $(if $(RESET),--reset)

test: check $(STATIC) ## everything that the pipeline runs: make check, then all tests but the long ones
	@sh deploy/test-system-packages.sh
	@$(PYTEST)

check: $(DEV) ## formatting, lint, types and import contracts only
	$(BIN)/ruff format --check --quiet --output-format concise .
	$(BIN)/ruff check --quiet --output-format concise .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports --no-logo

format: $(DEV) ## let ruff lay out the code and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

coverage: $(DEV) $(STATIC) ## the tests again, with what they leave untouched
	@sh deploy/test-system-packages.sh
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto --dist loadfile
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(DEV) $(STATIC) ## journeys per second, and what one costs, on both engines
	@sh deploy/test-system-packages.sh
	$(BIN)/python bench/run.py

bench-full: $(DEV) $(STATIC) ## the same on hubs with a million accounts too (kept in /var/tmp between runs)
	@sh deploy/test-system-packages.sh
	$(BIN)/python bench/run.py --full

soak: $(DEV) $(STATIC) ## the tests that are too long for every change
	@sh deploy/test-system-packages.sh
	@$(PYTEST) -m soak

assets: $(DEMO) $(STATIC) ## build the style sheet and script of the pages

dev: $(DEV) $(STATIC) ## .venv with everything, as `make test` uses it

lock: $(DEV) ## write the lock files anew from pyproject.toml and package.json (UPGRADE=1 takes newer versions)
	$(UV_LOCK) --group pyproject.toml:build --output-file requirements-build.lock
	$(UV_LOCK) --group pyproject.toml:node --output-file requirements-node.lock
	$(UV_LOCK) --all-extras --output-file requirements-dev.lock pyproject.toml
	$(UV_LOCK) --constraint requirements-dev.lock --extra postgres --extra redis --output-file requirements.lock pyproject.toml
	$(UV_LOCK) --constraint requirements-dev.lock --extra demo --output-file requirements-demo.lock pyproject.toml
	sh deploy/assets/with-node.sh npm install --package-lock-only
	! grep -nE 'https?://|"resolved"' requirements*.lock
	! grep -n '"resolved"' package-lock.json

clean: ## remove what make has made (not .demo, which is the demo's memory)
	rm -rf .venv node_modules broker/pages/static build dist *.egg-info
	rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pyproject.toml counts too: the `countersign` command and the package data are installed from it.
$(DEMO): requirements-build.lock requirements-demo.lock pyproject.toml
	@sh deploy/install-python.sh requirements-demo.lock
	@touch $@

$(DEV): requirements-build.lock requirements-dev.lock pyproject.toml
	@sh deploy/install-python.sh requirements-dev.lock
	@touch $@

$(NODE_MODULES): package.json package-lock.json
	@echo "Installing package-lock.json into node_modules"
	@sh deploy/assets/with-node.sh npm ci --omit=optional --no-audit --no-fund --loglevel=error --no-progress --silent
	@touch $@

$(STATIC): $(NODE_MODULES) deploy/assets/build.mjs $(wildcard broker/pages/assets/*)
	@echo "Building the page assets"
	@sh deploy/assets/with-node.sh node deploy/assets/build.mjs
