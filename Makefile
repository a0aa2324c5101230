# The commands of the house; `make` alone lists them.
PYTHON ?= python3
ENV ?= sandbox
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test check bench gallery synth layers weights deploy lock format clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make .venv from the hash-pinned lock

# uv's own hashes stand in the lock too, so pip takes that one entry and uv the rest.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Packshot needs Python 3.11 or newer, and this is %s. Name another one: make PYTHON=python3.12 setup" % sys.version.split()[0])'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo 'This Python has no venv module (Debian, Ubuntu: install python3-venv).' >&2; exit 1; }
	@echo 'Setting up $(VENV) from requirements.lock …'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^uv==/{entry=1} entry{print} entry && !/\\$$/{exit}' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement $(VENV)/uv.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## photos in, images out: PHOTO=my.jpg SKU=… CATEGORY=shoes for one's own
	@$(BIN)/packshot demo $(if $(ENGINE),--engine $(ENGINE)) $(if $(FLUX),--flux $(FLUX)) $(if $(PHOTO),--photo '$(PHOTO)') $(if $(SKU),--sku '$(SKU)') $(if $(CATEGORY),--category '$(CATEGORY)')

up: setup ## leave the local cloud running; Ctrl-C ends it
	@$(BIN)/packshot up $(if $(ENGINE),--engine $(ENGINE))

down: setup ## end a local cloud that runs elsewhere
	@$(BIN)/packshot down

test: setup ## run all tests, in two processes
	@$(RUN) pytest tests -n 2 --dist loadgroup $(PYTEST)

check: setup ## lint, types, contracts, state machines, template
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(RUN) mypy
	@$(BIN)/lint-imports --no-logo
	@$(RUN) pytest tests/test_conventions.py tests/infrastructure

bench: setup ## run every benchmark and write the figures into the README
	@$(RUN) tests.benchmarks
	@$(RUN) tests.tables

gallery: setup ## show every sample product on every set: build/gallery
	@$(RUN) tests.gallery

synth: setup ## write the CloudFormation template of ENV
	@$(RUN) infrastructure.synth --environment $(ENV) --target aws

layers: setup ## build the Lambda layers from their locks
	@$(RUN) layers.build --target aws

weights: setup ## fetch the networks' weights, the standard engine's too (176 MB)
	@$(RUN) layers.weights

deploy: setup ## deploy ENV to the AWS account of the shell's credentials
	@$(RUN) infrastructure.deploy --environment $(ENV)

lock: setup ## resolve every lock again
	@$(RUN) layers.lock

format: setup ## put the code into form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean: ## remove all that the commands made
	@rm -rf build cdk.out out .packshot $(VENV)
