# Needs Python 3.11 or newer, make and git. The virtual environment is made by the first target that needs it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types docs golden opensearch secrets bench faults lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## a first result: three small feeds in, four searches through HTTP, and what to type next
	@$(BIN)/roster demo

test: $(READY) ## every test, on both cores
	$(BIN)/pytest -n auto --dist loadgroup

check: lint types test ## lint and types, then every test (layers and docs are tests too)

lint: $(READY) ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

docs: $(READY) ## write the generated pages of docs/ again from the code
	$(BIN)/python -m cli.reference docs

golden: $(READY) ## ask the golden queries of both engines and write down what they answer; then look at the diff
	@$(BIN)/python -m tests.golden

NODES ?= 1
opensearch: $(READY) ## OpenSearch at 127.0.0.1:9200 until Ctrl-C, its data thrown away; a cluster: make opensearch NODES=3
	@$(BIN)/python -m tests.opensearch --port 9200 --nodes $(NODES)

secrets: $(READY) ## certificates, passwords and users for docker-compose.yml, in deploy/secrets; what is there stays
	@$(BIN)/python deploy/make_secrets.py deploy/secrets

FEEDS   ?= examples/team_pages.jsonl examples/crm_contacts.csv examples/conference_speakers.jsonl
SOURCES ?= examples/sources
bench: $(READY) ## ingest rate and memory; on feeds of yours: make bench FEEDS="a.jsonl b.csv" SOURCES=folder
	$(BIN)/python bench/ingest_rate.py $(FEEDS) --sources $(SOURCES)

FEED   ?= examples/crm_contacts.csv
SOURCE ?= examples/sources/crm_contacts.toml
faults: $(READY) ## kill an ingest at 50 random points and compare; on another feed: make faults FEED=a.jsonl SOURCE=a.toml
	$(BIN)/python bench/kills.py $(FEED) --source-file $(SOURCE)

# Two locks: everything, for a checkout; and what an installation on a server needs, in the same versions.
COMPILE = env -u PIP_FIND_LINKS CUSTOM_COMPILE_COMMAND="make lock" $(VENV)-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe \
  --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: ## choose the newest allowed versions again and write requirements.lock and deploy/requirements.lock
	@# pip-tools lives apart: it is needed here only, and pins nothing else
	@test -x $(VENV)-lock/bin/pip-compile || ($(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet pip-tools)
	$(COMPILE) --upgrade --extra dev --extra deploy --extra parquet --extra aws --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements.lock --extra deploy --extra parquet --extra aws --output-file deploy/requirements.lock pyproject.toml

clean: ## remove the virtual environments, builds and caches (never a store)
	rm -rf $(VENV) $(VENV)-lock build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamp is written last, so an installation cut short is done again.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("roster needs Python 3.11 or newer; say which: make PYTHON=python3.12 demo")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
