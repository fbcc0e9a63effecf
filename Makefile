# Everything a person needs: `make demo`, `make test`. Nothing else has to be installed by hand.
SHELL := /bin/bash
PY := .venv/bin/python
HOME_DIR ?= var/demo
CUSTOMERS ?= 5000 20000
SEGMENT_CUSTOMERS ?= 3000000
PACKAGES := vitrina crm segments signals campaigns apps ingest data_contracts parties pipelines
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
BUILDER := apps/components/segment_builder
BUILT := $(BUILDER)/build/.built

.PHONY: setup demo test dev lint audit docs bench bench-ingest bench-build bench-identity bench-profiles bench-publish bench-gate bench-lists \
        bench-segments bench-segments-mautic bench-segment-builders bench-signals bench-scoring bench-forecast \
        bench-campaigns bench-policy campaigns-proof rights attack sign-in \
        segments-proof segments-browser campaigns-browser signals-proof figures-proof models-proof morning crash-test courier-crash-test campaigns-crash-test bench-courier defects real-data clean help lock

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: $(DEVELOPMENT) $(BUILT) ## make the virtual environment from the locked, hashed requirements

$(RUNTIME): requirements.lock tools/setup.sh
	@bash tools/setup.sh requirements.lock
	@touch $(RUNTIME)

$(DEVELOPMENT): requirements-dev.lock tools/setup.sh
	@bash tools/setup.sh requirements-dev.lock
	@touch $(DEVELOPMENT) $(RUNTIME)

$(BUILT): $(BUILDER)/package-lock.json $(BUILDER)/build.mjs $(wildcard $(BUILDER)/src/*) tools/components.sh | $(RUNTIME)
	@bash tools/components.sh

demo: $(RUNTIME) $(BUILT) ## simulate an operator, run the whole pipeline and serve the workspaces
	@exec $(PY) -m vitrina.cli demo --home $(HOME_DIR)

dev: $(RUNTIME) ## the orchestrator's own user interface over the demo's data
	@exec $(PY) -m vitrina.cli dev --home $(HOME_DIR)

test: setup ## every test
	@bash tools/test_services.sh
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m bandit -q -c pyproject.toml -r $(PACKAGES)
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: setup ## style, types, import rules, static analysis
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy && .venv/bin/lint-imports
	@$(PY) -m bandit -q -c pyproject.toml -r $(PACKAGES)

audit: setup ## known vulnerabilities of the locked dependencies, by a service or ADVISORIES=copy of the PyPA database
	@$(PY) tools/audit.py $(if $(ADVISORIES),--advisories $(ADVISORIES)) requirements.lock

docs: $(RUNTIME) ## data dictionary, dbt docs and quality suites over the demo's data
	@$(PY) -m vitrina.cli docs --home $(HOME_DIR)

bench: bench-ingest bench-build bench-profiles bench-identity bench-publish bench-gate bench-segments bench-segments-mautic bench-segment-builders bench-signals bench-scoring bench-policy ## every benchmark

bench-ingest: setup ## contract-checked ingestion against DuckDB's plain read and write
	@$(PY) -m benchmarks.ingest

bench-build: setup ## full build against the same SQL by hand, a day's delta, growth, memory (CUSTOMERS="5000 20000")
	@$(PY) -m benchmarks.build --folder var/bench-build --customers $(CUSTOMERS)

bench-profiles: setup ## a profile for each of 3 million customers: time and memory (after `make demo`)
	@$(PY) -m benchmarks.profiles --home $(HOME_DIR) --folder var/bench-profiles

bench-identity: setup ## precision and recall of identity resolution over the demo's data
	@$(PY) -m benchmarks.identity --home $(HOME_DIR)

bench-gate: setup ## what the gate costs at 3 million customers: ratios with it and without it
	@$(PY) -m benchmarks.gate

bench-segments: setup ## the segment engine at 3 million customers: ratios to the same questions as SQL by hand
	@$(PY) -m benchmarks.segments --customers $(SEGMENT_CUSTOMERS)

bench-segments-mautic: setup ## the same segments as Mautic rebuilds them, on PostgreSQL
	@$(PY) -m benchmarks.segments_mautic

bench-segment-builders: setup ## ten people who build segments at once through the real server, over 3 million customers
	@$(PY) -m benchmarks.segment_builders

bench-forecast: setup ## forecasts of managers' figures held against past months of the demo: how often the interval held
	@$(PY) -m benchmarks.forecast --home $(HOME_DIR)

bench-signals: setup ## rules of signals at 3 million customers: ratios to the same in SQL by hand, time and memory
	@$(PY) -m benchmarks.signals --customers $(SEGMENT_CUSTOMERS)

bench-policy: setup ## a contact policy over 45 million past contacts: freeze and what-if, ratios to SQL by hand
	@$(PY) -m benchmarks.campaign_policy

bench-scoring: setup ## scores with reasons for 3 million customers, beside the bare call of the model's library
	@$(PY) -m benchmarks.scoring --customers $(SEGMENT_CUSTOMERS)

bench-campaigns: setup ## freezing an audience of 3 million and allocating 20 campaigns over it, beside SQL by hand
	@$(PY) -m benchmarks.campaigns --customers $(SEGMENT_CUSTOMERS)

bench-lists: setup ## an uploaded list of 3 million rows, matched through the gate, beside the same by hand
	@$(PY) -m benchmarks.lists --customers 3000000 --rows 3000000

bench-publish: setup ## publishing, reading, exporting at 300,000 customers
	@$(PY) -m benchmarks.publish

rights: setup ## every role, object, scope and column class at every door; pages by role
	@$(PY) -m pytest -n 2 tests/unit/access/test_every_role_table_and_class.py tests/unit/access/test_http_doors.py tests/unit/access/test_page_doors.py tests/unit/access/test_policy_of_tables.py tests/apps/test_role_pages.py

attack: setup ## SQL that tries to get out, forged cookies, foreign origins, crooked paths, guessing, enumeration
	@bash tools/test_services.sh
	@$(PY) -m pytest -n 2 tests/unit/access tests/architecture tests/apps/test_wall.py tests/apps/test_behind_tls.py tests/unit/crm/test_sign_in.py

sign-in: setup ## signing in with real slapd, a real OpenID provider and Chromium: expiry, revocation
	@bash tools/test_services.sh
	@$(PY) -m pytest -n 2 tests/apps/test_directory_sign_in.py tests/apps/test_openid_sign_in.py tests/apps/test_external_accounts.py tests/apps/test_sign_in_in_browser.py

segments-proof: setup ## golden pairs, random definitions against an independent evaluation, JsonLogic, hostile strings
	@$(PY) -m pytest -n 2 tests/unit/segments tests/integration/test_segments_by_independent_computation.py

models-proof: setup ## churn and value on CDNOW, IBM Telco and the demo's planted truth (after `make demo`)
	@$(PY) -m pytest -n 2 tests/unit/models
	@$(PY) -m benchmarks.models_proof --home $(HOME_DIR)

signals-proof: setup ## rules against a plain reading of them, and on the demo's planted truth (after `make demo`)
	@$(PY) -m pytest -n 2 tests/unit/signals
	@$(PY) -m benchmarks.signal_proof --home $(HOME_DIR)

campaigns-proof: setup ## lifts, A/A, CUPED, splits and families of tests on 500 simulated campaigns with planted effects
	@$(PY) -m pytest -n 2 tests/unit/campaigns
	@$(PY) -m benchmarks.campaigns_proof

figures-proof: setup ## figures of screens, measures, scores, values against the sources' own files (after `make demo`)
	@$(PY) -m benchmarks.figures_proof --home $(HOME_DIR)

segments-browser: setup ## the segment builder in Chromium: from an empty page to a file of members, in three languages
	@bash tools/test_services.sh
	@$(PY) -m pytest tests/apps/test_segment_in_browser.py tests/apps/test_segment_live_count.py

campaigns-browser: setup ## a campaign drawn in Chromium and agreed with by a second person, in three languages
	@bash tools/test_services.sh
	@CAMPAIGN_LANGUAGES="ru uz en" $(PY) -m pytest tests/apps/test_campaign_in_browser.py

morning: setup ## a manager's morning in Chromium, in three languages: its clicks and how long each page took
	@bash tools/test_services.sh
	@$(PY) -m pytest -s tests/apps/test_morning_in_browser.py

crash-test: setup ## kill -9 at random moments of whole runs and of publishes, with readers at work
	@$(PY) -m benchmarks.crash_publish --seconds 60
	@rm -rf var/crash && $(PY) -m benchmarks.crash_run --folder var/crash

campaigns-crash-test: setup ## kill -9 of freezes and ticks of campaigns at random moments, two at work at once
	@$(PY) -m benchmarks.campaign_runs_crash --members 5000 --kills 40

courier-crash-test: setup ## kill -9 of senders at random moments, with an SMS centre and a mail server that count what came
	@rm -rf var/courier-crash && $(PY) -m benchmarks.courier_crash --folder var/courier-crash

bench-courier: setup ## sending out of the outbox beside the bare SMPP and SMTP clients
	@$(PY) -m benchmarks.courier --folder var/bench-courier

defects: setup ## every planted defect of the demo's data: found, counted, explained
	@$(PY) -m benchmarks.defects --home $(HOME_DIR)

real-data: setup ## CDNOW, Telco and two 1C statements through the same pipeline
	@$(PY) -m benchmarks.real_data --folder var/real-data

lock: ## resolve the dependencies anew
	uv pip compile --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock -q
	uv pip compile --all-extras --generate-hashes --no-emit-index-url pyproject.toml -o requirements-dev.lock -q

clean: ## remove what set-up and runs made
	rm -rf .venv var dbt_project/target dbt_project/logs
