# Nightshift. Two commands do everything on a fresh machine: `make demo` and `make test`.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST_WORKERS ?= 2

.PHONY: help setup prometheus demo test lint check format docs bench eval soak lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

setup: ## make .venv from uv.lock (installs uv where it is missing)
	@sh tools/setup.sh

prometheus: ## find Prometheus and promtool, or fetch them into .cache (no root)
	@sh tools/fetch-prometheus.sh

demo: setup prometheus ## set up, start the simulated homelab, break something, ask what is wrong
	@$(BIN)/nightshift demo $(if $(SCENARIO),--scenario $(SCENARIO))

test: setup prometheus ## set up and run all the tests
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadgroup

lint: setup ## format, lint, types, import layers, generated docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m nightshift.checks.docs --check
	@$(BIN)/python -m nightshift.cli.docs --check
	@$(BIN)/python -m nightshift_lab.docs --check

check: lint test ## what must be clean before every commit

format: setup ## format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: setup ## generate the pages that are made from the code
	@$(BIN)/python -m nightshift.checks.docs
	@$(BIN)/python -m nightshift.cli.docs
	@$(BIN)/python -m nightshift_lab.docs

bench: setup prometheus ## measure what we promise; exit 1 when a goal is not met
	@sh tools/each.sh "$(BIN)/python -m bench" cli_startup model_request ask knowledge sweep

eval: setup prometheus ## sweep every scenario, ask every question, and report an honest score
	@missed=0; \
	$(BIN)/python -m nightshift_evals --brain builtin --seeds 8 --markdown --json-file .cache/eval.json || missed=$$?; \
	[ $$missed -le 1 ] || exit $$missed; \
	$(BIN)/python -m nightshift_evals.retrieval && exit $$missed

soak: setup prometheus ## everything slow: all scenarios, all backend faults, many seeds
	@NIGHTSHIFT_SOAK=1 $(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadgroup tests/e2e tests/lab/grafana tests/sweep tests/checks

lock: ## re-make uv.lock after a change of the dependencies
	@sh tools/lock.sh

clean: ## remove the environment and every cache
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist
