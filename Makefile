# Everything a person needs: `make demo`, `make test`. Nothing else has to be installed by hand.
SHELL := /bin/bash
PY := .venv/bin/python
HOME_DIR ?= var/demo
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development

.PHONY: setup demo test dev lint bench crash-test clean help lock

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: $(DEVELOPMENT) ## make the virtual environment from the locked, hashed requirements

$(RUNTIME): requirements.lock tools/setup.sh
	@bash tools/setup.sh requirements.lock
	@touch $(RUNTIME)

$(DEVELOPMENT): requirements-dev.lock tools/setup.sh
	@bash tools/setup.sh requirements-dev.lock
	@touch $(DEVELOPMENT) $(RUNTIME)

demo: $(RUNTIME) ## simulate an operator, run the whole pipeline and serve the workspaces
	@exec $(PY) -m vitrina.cli demo --home $(HOME_DIR)

dev: $(RUNTIME) ## the orchestrator's own user interface over the demo's data
	@exec $(PY) -m vitrina.cli dev --home $(HOME_DIR)

test: setup ## every test
	@bash tools/test_services.sh
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m pytest $(PYTEST_ARGS)

lint: setup ## style, types, import rules
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy && .venv/bin/lint-imports

lock: ## resolve the dependencies anew
	uv pip compile --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock -q
	uv pip compile --all-extras --generate-hashes --no-emit-index-url pyproject.toml -o requirements-dev.lock -q

clean: ## remove what set-up and runs made
	rm -rf .venv var dbt_project/target dbt_project/logs
