# The commands of this repository; `make` lists them. They use .venv when `make setup` made one.
.DEFAULT_GOAL := help
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/new-service-ci/tools
export NEW_SERVICE_TOOLS ?= $(TOOLS)/lint/bin:$(TOOLS)/checkov/bin:$(TOOLS)/sam/bin:$(TOOLS)/emulator/bin:$(TOOLS)/containers/bin

.PHONY: help setup tools check test test-all matrix upgrades golden generate bench accuracy fuzz e2e

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 12

setup: ## make .venv with the tool, its tests and its linters
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[test,lint]'

tools: ## install the programs that matrix and e2e use, where .ci/run keeps them
	bash .ci/run tools
	$(PYTHON) -m pip install --quiet -r .ci/requirements/project.txt

check: ## format, lint, types, and whether generated files are fresh
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m scripts.generate --check
	$(PYTHON) -m scripts.build_prices --check

test: ## the fast tests
	$(PYTHON) -m pytest -n auto --dist loadgroup -m "not slow and not e2e"

test-all: ## every test; those whose tools are missing say so and are skipped
	$(PYTHON) -m pytest -n auto --dist loadgroup

matrix: ## lint every combination of the template's options, and judge what is broken in every environment
	NEW_SERVICE_MATRIX=full $(PYTHON) -m pytest -n auto --dist loadgroup tests/test_matrix.py
	NEW_SERVICE_MATRIX=full $(PYTHON) -m pytest -n auto --dist loadgroup tests/*_mutations.py tests/test_http_front.py tests/test_upgrade_move.py

upgrades: ## merge 1,000 random histories for each promise, and kill 50 upgrades
	NEW_SERVICE_EXAMPLES=1000 $(PYTHON) -m pytest -n auto --dist load tests/test_upgrade_merge.py
	NEW_SERVICE_KILLS=50 $(PYTHON) -m pytest tests/test_upgrade_kill.py

golden: ## render the golden repositories anew, to be reviewed as a diff
	NEW_SERVICE_GOLDEN=write $(PYTHON) -m pytest tests/test_golden.py
	git --no-pager diff --stat tests/golden

generate: ## write questions, prices and documents anew from the policy and the facts
	$(PYTHON) -m scripts.build_prices
	$(PYTHON) -m scripts.generate

bench: ## measure against the goals, and write the figures into benchmarks/results.md and the README
	PYTHONPATH=. $(PYTHON) benchmarks/run.py
	$(PYTHON) -m scripts.generate

accuracy: ## compare the audit with the labels of public templates; CLONES=folder has their repositories
	PYTHONPATH=. $(PYTHON) benchmarks/accuracy.py $(CLONES)

fuzz: ## audit 10,000 damaged templates
	NEW_SERVICE_FUZZ=10000 $(PYTHON) -m pytest tests/audit/test_fuzz.py

e2e: ## deploy what is rendered to the local AWS emulator and use it, with SAM and the CDK
	NEW_SERVICE_MATRIX=full $(PYTHON) -m pytest -n auto --dist loadgroup tests/e2e
