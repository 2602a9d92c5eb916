# What can be done here. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help setup demo production-local test test-all test-faults test-rabbitmq4 check audit format lock docs clean

BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-header
export SUITE ?= trixie
COVERAGE := --cov --cov-report=term:skip-covered
# Below, coverage is checked without ARGS only: some of the tests say nothing about what all of them run.

help: ## List what can be done
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-16s %s\n' "$$name" "$$text"; done

setup: ## Make .venv and install everything into it; does nothing when that is done
	@scripts/setup.sh

demo: setup ## Run a whole office with both stand-ins in one process (ARGS=--once for a single cycle)
	@$(BIN)/desksync demo $(ARGS)

production-local: setup ## Run it as in production on this machine: RabbitMQ, PostgreSQL, many processes (ARGS=--once for two cycles)
	@scripts/servers.sh programs
	@$(BIN)/python -m desksync_local $(ARGS)

test: setup ## Run all tests but the slow ones, with RabbitMQ and PostgreSQL, and demand that every branch of core and mappings is run
	@scripts/servers.sh
	@scripts/programs.sh prometheus promtool=prometheus curl jq
	$(BIN)/pytest -q -n 2 -m "not slow and not faults" $(COVERAGE) $(ARGS)
	$(if $(ARGS),,$(BIN)/python scripts/check_coverage.py)

test-all: setup ## Run all tests, the slow ones too, and every property with 2,000 examples, new ones each time
	@scripts/servers.sh
	@scripts/programs.sh prometheus promtool=prometheus curl jq
	HYPOTHESIS_PROFILE=many $(BIN)/pytest -q -n 2 $(COVERAGE) $(ARGS)
	$(if $(ARGS),,$(BIN)/python scripts/check_coverage.py)

test-faults: setup ## Kill, freeze, cut and fill up everything there is, for half an hour, and compare both calendars after each fault
	@scripts/servers.sh programs
	$(BIN)/pytest -q tests/faults $(ARGS)

test-rabbitmq4: setup ## The tests of the broker and of faults on RabbitMQ 4, unpacked into var without being root (SUITE=sid takes the newest)
	@scripts/servers.sh
	@scripts/rabbitmq4.sh var/rabbitmq4-$(SUITE)
	DESKSYNC_TEST_RABBITMQ_HOME=$(CURDIR)/var/rabbitmq4-$(SUITE) $(BIN)/pytest -q tests/broker tests/operations tests/faults -m servers $(ARGS)

check: setup ## The fast loop: style, types, layers, spelling, and the tests that need no server and no HTTP
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/python scripts/check_types.py
	$(BIN)/lint-imports
	$(BIN)/codespell
	@if command -v gitleaks >/dev/null && [ -e .git ]; then gitleaks git . --no-banner --redact --log-level warn; fi
	HYPOTHESIS_PROFILE=few $(BIN)/pytest -q -n 2 -m "not servers and not slow and not wide" $(ARGS)

audit: setup ## Have checkov look at the Dockerfile and the Kubernetes files; needs kubectl, and a minute for itself once
	@scripts/audit.sh

format: setup ## Bring the code into its style, as far as a program can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: setup ## Write requirements/*.txt anew from pyproject.toml (UPGRADE=--upgrade takes newer versions)
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements/run.txt
	$(LOCK) $(UPGRADE) --constraint requirements/run.txt --group dev pyproject.toml --output-file requirements/dev.txt
	$(LOCK) $(UPGRADE) --constraint requirements/dev.txt --group pyproject.toml:build --output-file requirements/build.txt
	$(LOCK) $(UPGRADE) --group pyproject.toml:audit --output-file requirements/audit.txt

docs: setup ## Write the pages that are made from code
	$(BIN)/python -m desksync.ops.settings_page > docs/settings.md
	$(BIN)/python -m desksync.ops.metrics_page > docs/metrics.md
	$(BIN)/python scripts/env_example.py > deploy/compose/.env.example
	$(BIN)/python scripts/prometheus_rule.py > deploy/monitoring/kubernetes/prometheus-rule.yaml
	$(BIN)/python -m desksync_neo_worker.wire_page > docs/neo-wire.md
	$(BIN)/python -m tests.scenarios.recurrence_page > docs/recurrence.md

clean: ## Remove .venv and every cache; data in var/ stays
	rm -rf .venv .venv-audit .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
