# Needs Python 3.11 or newer, make and git. The virtual environment is made by the first target that needs it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types docs bench faults lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## a first result: three small feeds in, four searches through HTTP, and what to type next
	@$(BIN)/roster demo

test: $(READY) ## every test, on both cores
	$(BIN)/pytest -n auto

check: lint types test ## lint and types, then every test (layers and docs are tests too)

lint: $(READY) ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

docs: $(READY) ## write the generated pages of docs/ again from the code
	$(BIN)/python -m cli.reference docs

FEEDS   ?= examples/team_pages.jsonl examples/crm_contacts.csv examples/conference_speakers.jsonl
SOURCES ?= examples/sources
bench: $(READY) ## ingest rate and memory; on feeds of yours: make bench FEEDS="a.jsonl b.csv" SOURCES=folder
	$(BIN)/python bench/ingest_rate.py $(FEEDS) --sources $(SOURCES)

FEED   ?= examples/crm_contacts.csv
SOURCE ?= examples/sources/crm_contacts.toml
faults: $(READY) ## kill an ingest at 50 random points and compare; on another feed: make faults FEED=a.jsonl SOURCE=a.toml
	$(BIN)/python bench/kills.py $(FEED) --source-file $(SOURCE)

lock: ## choose the newest allowed versions again and write requirements.lock
	@# pip-tools lives apart: it is needed here only, and pins nothing else
	@test -x $(VENV)-lock/bin/pip-compile || ($(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet pip-tools)
	env -u PIP_FIND_LINKS CUSTOM_COMPILE_COMMAND="make lock" $(VENV)-lock/bin/pip-compile --quiet --upgrade --generate-hashes \
	  --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --extra dev --extra parquet --output-file requirements.lock pyproject.toml

clean: ## remove the virtual environments, builds and caches (never a store)
	rm -rf $(VENV) $(VENV)-lock build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamp is written last, so an installation cut short is done again.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("roster needs Python 3.11 or newer; say which: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
