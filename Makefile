# Everything a person does here. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
VENV := .venv/bin
PYTEST := $(VENV)/pytest
NAME ?= sluice
# Debian's own, as in the images: one that a version manager compiled may be a third slower.
export UV_PYTHON ?= /usr/bin/python3
# Where none is kept, each of many processes compiles MLflow and its like anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help bootstrap demo test unit lint bench-analysis lab-up lab-down lab-shell crds golden images docs clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

bootstrap: ## Install what a bare Debian 12 machine lacks, and the Python environment
	@bash lab/bootstrap.sh
	@uv sync --quiet --frozen --all-extras

demo: bootstrap ## Start a real cluster and watch one model promoted, one rejected, one rolled back
	@$(VENV)/python -m lab demo

test: bootstrap ## Prove everything: lint, unit, golden, statistics, contracts, chart, a real cluster
	@bash tests/run.sh

unit: ## Fast tests only: no cluster, no server
	@$(PYTEST) tests/unit tests/golden

lint: ## ruff, mypy, import-linter
	@$(VENV)/ruff check --quiet .
	@$(VENV)/ruff format --quiet --check .
	@$(VENV)/mypy
	@PYTHONPATH=operator $(VENV)/lint-imports --no-logo 2>/dev/null || PYTHONPATH=operator $(VENV)/lint-imports

bench-analysis: ## Measure the live analysis beside other rules on the same traffic, and what a tick costs
	@PYTHONPATH=operator:. $(VENV)/python -m benchmarks.analysis

lab-up: bootstrap ## Start the lab: a cluster with Seldon's resources, Istio, Prometheus, MLflow (NAME=sluice)
	@$(VENV)/python -m lab up --name $(NAME)

lab-down: ## Stop the lab and remove every trace of it
	@$(VENV)/python -m lab down --name $(NAME)

lab-shell: ## Open a shell inside the lab's namespaces, kubectl set up
	@$(VENV)/python -m lab shell --name $(NAME)

crds: ## Write crds/ (and the chart's copy) from the models
	@$(VENV)/python -m sluice.cli.crds

golden: ## Write the golden timelines again, to be reviewed as a diff
	@SLUICE_GOLDEN=write $(PYTEST) tests/golden

images: bootstrap ## Build all images of the lab
	@$(VENV)/python -m lab.images

docs: ## Write docs/reference from the code
	@$(VENV)/python -m docs.generate

clean: ## Remove caches inside the clone (the lab's cache stays)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
