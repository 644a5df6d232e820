# `make` explains itself. Every target makes what it needs: the virtual environment from requirements.lock,
# the broker's jars from deploy/broker/pom.xml.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
# Tests start hundreds of Python processes; without its cache each would compile the same files anew.
unexport PYTHONDONTWRITEBYTECODE
LOCK := -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help demo test soak check bench fuzz format lock generate clean

help: ## Show this text
	@echo 'saas-journey: product events in, lifecycle transitions and alerts out'
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: .venv/ready needs-java ## Watch a real Kafka carry 120 days of a customer base through the worker
	@$(BIN)/journey demo

test: .venv/ready needs-java ## Run every test, those on a real broker too (eight minutes on two cores)
	@$(BIN)/pytest -n 4 --dist worksteal # twice the cores: half of a broker test is waiting

soak: .venv/ready needs-java ## Ten minutes of real traffic with a random nemesis; SECONDS=60 for less, SEED=n to repeat
	@$(BIN)/python -m tests.broker.soak $(or $(SECONDS),600) $(SEED)

check: .venv/ready ## Format, lint, types and engine tests but the long ones (under a minute)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n 2 --dist worksteal -m 'not long' tests/engine tests/laws tests/schemas tests/effects tests/golden

bench: .venv/bench build/compiled needs-java ## Measure throughput and latency beside the peers, in one run; ARGS=… for other measurements
	@PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/compiled $(BIN)/python -m bench $(ARGS)

fuzz: .venv/fuzz ## Look for bytes that break decoding or the reading of journeys, 20 s each, led by coverage
	@$(BIN)/python -m tests.fuzzing event
	@$(BIN)/python -m tests.fuzzing file

format: .venv/ready ## Rewrite the code in the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

generate: .venv/ready ## Write what is derived from code anew: schemas/json and pages in docs
	@$(BIN)/python -m schemas
	@$(BIN)/python docs/generate.py

lock: .venv/ready ## Write requirements.lock and bench/requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile $(LOCK) --upgrade --group dev --group bench -o bench/requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --group dev -c bench/requirements.lock -o requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --group fuzz -c requirements.lock -o tests/fuzz.lock

clean: ## Remove the virtual environment and what tools left behind
	@rm -rf .venv build .hypothesis .mypy_cache .ruff_cache out

.venv/ready: requirements.lock pyproject.toml | needs-python
	@echo 'Making .venv …'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The project as it is deployed, with an engine of machine code; only where the engine has changed, that is made anew.
COPY = rm -rf $@ && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --target $@ .
build/compiled: build/engine $(shell find streams deploy -type f -not -name '*.pyc') | .venv/ready
	@$(COPY)
	@cd build/engine && find . -name '*.so' -exec cp --parents -t ../compiled {} +
	@touch $@

build/engine: deploy/compiled.py $(shell find streams/engine schemas -name '*.py') | .venv/ready needs-cc
	@echo 'Compiling the engine, which takes two or three minutes …'
	@$(COPY)
	@$(BIN)/python deploy/compiled.py $@
	@touch $@

.venv/fuzz: tests/fuzz.lock .venv/ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/fuzz.lock
	@touch $@

.venv/bench: bench/requirements.lock .venv/ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.lock
	@touch $@

.PHONY: needs-python needs-java needs-cc
needs-python:
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 or newer is missing: on Debian, apt-get install python3 python3-venv' >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is older than 3.11: name a newer one, as in make PYTHON=python3.12' >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo 'Python has no venv module: on Debian, apt-get install python3-venv' >&2; exit 2; }

needs-cc:
	@command -v cc >/dev/null || { echo 'A C compiler is missing: on Debian, apt-get install gcc python3-dev' >&2; exit 2; }

# With JOURNEY_BOOTSTRAP_SERVERS set, that cluster is used and no broker is started here.
needs-java:
	@[ -n "$${JOURNEY_BOOTSTRAP_SERVERS:-}" ] || command -v java >/dev/null || { echo 'Java 17 or newer is missing: on Debian, apt-get install openjdk-17-jre-headless' >&2; exit 2; }
	@[ -n "$${JOURNEY_BOOTSTRAP_SERVERS:-}" ] || command -v mvn >/dev/null || { echo 'Maven is missing: on Debian, apt-get install maven' >&2; exit 2; }
