# Two commands are enough: `make run` and `make test`. `make help` lists the rest.
# Every set-up step leaves a stamp file, so that it runs again only when what it was made from has changed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

PORT ?= 8000
HOST ?= 127.0.0.1
DB ?=
LAN ?=

UV := .tools/bin/uv
BIN := .venv/bin
# The interpreter is ours to find (.ci/python); uv must never fetch one of its own.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# A virtual environment that the caller happens to have active is not the one we fill.
unexport VIRTUAL_ENV

PYTHON_DIRS := $(wildcard api survey_models sampling migrations kiosk tests benchmarks)
API_SOURCES := $(shell find api survey_models -name '*.py' 2>/dev/null)
KIOSK_SOURCES := $(shell find kiosk \( -name node_modules -o -name dist -o -name gen -o -name __pycache__ \) -prune \
	-o -type f \( -name '*.ts' -o -name '*.vue' -o -name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.svg' \
	-o -name '*.json' -o -name '*.webmanifest' -o -name '*.mjs' \) -print 2>/dev/null)
NPM_QUIET := --no-audit --no-fund --loglevel=error

.PHONY: help run test lint format types unit client client-test setup setup-tests lock clean bench-run bench-ingest bench-sampling bench-simulate simulate-sampling screenshots proofs-merkle proofs-stuffing bench-counting coverage

help: ## list the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# ---------------------------------------------------------------------------------------------- what people call

run: setup ## set everything up and serve the demo (PORT=8000, DB=postgresql+psycopg://..., LAN=1 for phones)
	@exec $(BIN)/pingyi demo serve --host $(HOST) --port $(PORT) $(if $(LAN),--lan) $(if $(DB),--database '$(DB)')

test: ## install what the tests need, then lint, types, front end and every test; ends with pytest's own line
	@exec .ci/test

setup: .venv/.run kiosk/dist/.ok ## environment and front end, without serving

setup-tests: ## system packages, development environment and front end
	@.ci/system
	@$(MAKE) --no-print-directory .venv/.dev kiosk/dist/.ok

lint: .venv/.dev ## ruff, its formatter and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: .venv/.dev ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/.dev kiosk/gen/.ok kiosk/node_modules/.ok ## mypy --strict and vue-tsc
	$(BIN)/mypy $(PYTHON_DIRS)
	npm run --silent --prefix kiosk typecheck

client-test: kiosk/dist/.ok ## vitest
	npm test --silent --prefix kiosk

unit: .venv/.dev ## pytest without browser, benchmark and container tests
	$(BIN)/python -m pytest tests --ignore=tests/browser --ignore=tests/test_dockerfile.py -q

coverage: .venv/.dev kiosk/dist/.ok ## which lines and branches no test reaches
	$(BIN)/python -m pytest tests --ignore=tests/browser --ignore=tests/test_dockerfile.py -q --cov

bench-run: ## time `make run` in a fresh clone with empty caches, cold and warm: value, limit, ratio
	@$$(.ci/python) benchmarks/fresh_clone.py

bench-simulate: .venv/.dev kiosk/dist/.ok ## time 9,860 ballots x 80 units over HTTP: value, limit, ratio
	@$(BIN)/python -m benchmarks.simulate

bench-ingest: .venv/.dev kiosk/dist/.ok ## time the ballot door on both databases against floors: value, limit, ratio (ARGS='--long')
	@$(BIN)/python -m benchmarks.ingest $(ARGS)

simulate-sampling: .venv/.dev ## 2,000 draws from a made city of 240,000: bias, coverage, rank sets, chances (ARGS='--draws 20')
	@OPENBLAS_NUM_THREADS=1 nice -n 15 $(BIN)/python -m benchmarks.simulate_sampling $(ARGS)

screenshots: .venv/.dev kiosk/dist/.ok ## take the pictures of the README and of the guides from the running demo anew
	@$(BIN)/python -m tests.browser.take_screenshots

bench-sampling: .venv/.dev ## time scores, covariance, replicates, rank sets and the draw beside bare floors: value, limit, ratio
	@OPENBLAS_NUM_THREADS=1 nice -n 5 $(BIN)/python -m benchmarks.sampling

.PHONY: bench-schemes
bench-schemes: .venv/.dev ## time the evaluation of 118 units beside bare sums of fractions: value, limit, ratio
	@nice -n 5 $(BIN)/python -m benchmarks.schemes

proofs-stuffing: .venv/.dev ## detectors against seven known injections: power, false alarms a campaign-day: value, limit, ratio (ARGS='--runs 20')
	@OPENBLAS_NUM_THREADS=1 nice -n 5 $(BIN)/python -m benchmarks.stuffing $(ARGS)

.PHONY: proofs-kill proofs-power proofs-replay proofs-faults
proofs-kill: .venv/.dev ## kill -9 under load, SQLite 200 times, PostgreSQL 25 times: value, limit (ARGS='--sqlite 5 --postgres 2')
	@nice -n 5 $(BIN)/python -m benchmarks.proofs_kill $(ARGS)

proofs-power: .venv/.dev ## 5,000 power cuts with torn and reordered sectors, and two controls: value, limit (ARGS='--cuts 60')
	@nice -n 5 $(BIN)/python -m benchmarks.proofs_power $(ARGS)

proofs-replay: .venv/.dev ## 100,000 requests sent 1-5 times, 1,000 cut-off answers, 1,000 stolen ids: value, limit (ARGS='--ballots 2000')
	@nice -n 5 $(BIN)/python -m benchmarks.proofs_replay $(ARGS)

proofs-faults: .venv/.dev ## full disks, restarts under load, clocks that jump (as root, for disks of its own): value, limit, ratio
	@nice -n 5 $(BIN)/python -m benchmarks.proofs_faults $(ARGS)

proofs-merkle: .venv/.dev ## 10,000 trees: true statements believed, altered ones refused: value, limit, ratio (ARGS='--trees 300')
	@nice -n 5 $(BIN)/python -m tests.proofs.trees $(ARGS)

proofs-disclosure: .venv/.dev ## 1,000 random releases attacked by linear programming: value, limit, ratio (ARGS='--tables 40')
	@OPENBLAS_NUM_THREADS=1 nice -n 5 $(BIN)/python -m benchmarks.release_attack $(ARGS)

proofs-openapi: .venv/.dev ## requests made from the whole HTTP description, as everybody who can call it, on both databases (ARGS="--examples 20")
	@nice -n 5 $(BIN)/python -m tests.proofs.openapi $(ARGS)

proofs-model: .venv/.dev ## hypothesis drives door, clerks, closing, counting and restores beside a model, both databases (ARGS="--examples 50")
	@nice -n 5 $(BIN)/python -m tests.proofs.model $(ARGS)

proofs-linkage: .venv/.dev ## who can join tickets with 2,000 ballots on both databases, and with a naive box: value, limit (ARGS=--short)
	@nice -n 5 $(BIN)/python -m benchmarks.linkage $(ARGS)

bench-counting: .venv/.dev ## open, shuffle, box and tally 100,000 sealed sheets on both databases: value, limit, ratio (ARGS='--ballots 20000')
	@$(BIN)/python -m benchmarks.counting $(ARGS)

.PHONY: proofs-terminal bench-terminal
proofs-terminal: .venv/.dev kiosk/dist/.ok ## 300 terminals reconnect within a minute; 72 simulated hours offline with 5,000 taps: value, limit (ARGS='--taps 200 --cuts 3')
	@nice -n 5 $(BIN)/python -m benchmarks.proofs_terminal $(ARGS)

bench-terminal: .venv/.dev kiosk/dist/.ok ## from the tap to the painted thanks, processor slowed six times, online and offline: value, limit, ratio
	@$(BIN)/python -m benchmarks.terminal_speed $(ARGS)

proofs-tamper: .venv/.dev ## twelve kinds of tampering, in all their forms: which check found each: value, limit, ratio
	@OPENBLAS_NUM_THREADS=1 nice -n 5 $(BIN)/python -m tests.proofs.tampering

.PHONY: bench-printing bench-export
bench-printing: .venv/.dev ## set 10,000 cards and envelopes in parts and read codes back: value, limit, ratio
	@$(BIN)/python -m benchmarks.printing

bench-export: .venv/.dev ## write 1,000,000 ballots x 80 units to CSV and SPSS in flat memory: value, limit, ratio (ARGS='--ballots 100000')
	@$(BIN)/python -m benchmarks.exporting $(ARGS)

.PHONY: bench-checks
bench-checks: .venv/.dev ## time the check of a file of 10,000 sheets, and the search for near-duplicates: value, limit, ratio
	@$(BIN)/python -m benchmarks.checks

.PHONY: bench-backup
bench-backup: .venv/.dev ## write, restore and compare a backup of a million ballots on both databases: value, limit, ratio (ARGS='--ballots 20000')
	@$(BIN)/python -m benchmarks.backups $(ARGS)

.PHONY: audit-uploads
audit-uploads: .venv/.dev ## every hostile file refused: processor seconds and memory of each: value, limit, ratio
	@$(BIN)/python -m benchmarks.hostile_uploads

.PHONY: bench-phone
bench-phone: .venv/.dev kiosk/dist/.ok ## the phone page in Chromium: weight, slow networks, slow processor, length, taps: value, limit, ratio
	@$(BIN)/python -m benchmarks.phone_page

.PHONY: bench-rounds
bench-rounds: .venv/.dev ## every preset whole at full size, from the plan to its bundle: value, limit, ratio (ARGS='--preset xuancheng-2019-48', ARGS=--postgres)
	$(BIN)/python -m benchmarks.rounds $(ARGS)

.PHONY: audit-rounds-console
audit-rounds-console: .venv/.dev kiosk/dist/.ok ## every preset walked through the console at full size: the server's seconds, limit, ratio (ARGS='--preset luohe-hangfeng')
	@nice -n 5 $(BIN)/python -m tests.browser.audit_rounds $(ARGS)

.PHONY: audit-pages
audit-pages: .venv/.dev kiosk/dist/.ok ## every state of the phone page in three languages and five views through axe and Tab; pictures in var/audit (ARGS=--short)
	@nice -n 5 $(BIN)/python -m tests.browser.audit_pages $(ARGS)

.PHONY: audit-wizard audit-console
audit-wizard: .venv/.dev kiosk/dist/.ok ## from an empty database to an opened campaign of 118 units, 60 strata, 10,000 cards by the console alone: value, limit, ratio
	@nice -n 5 $(BIN)/python -m tests.browser.wizard_walk

audit-console: .venv/.dev kiosk/dist/.ok ## weight and speed of the console, every page through axe at two sizes, light and dark: value, limit, ratio (ARGS=--short)
	@nice -n 5 $(BIN)/python -m tests.browser.audit_console $(ARGS)

clean: ## remove everything that make made, except the data in var/
	rm -rf .venv .tools kiosk/node_modules kiosk/dist kiosk/gen .coverage .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis

# ---------------------------------------------------------------------------------------------- Python

$(UV): .ci/tools.lock
	@.ci/tools

# The run-time environment. Where the development environment stands, which holds the same packages at the same
# versions and more, that one is kept up to date instead: `make run` and `make test` do not undo each other's work.
.venv/.run: requirements.lock requirements-dev.lock pyproject.toml | $(UV)
	@if [ -e .venv/.dev ]; then $(MAKE) --no-print-directory .venv/.dev && touch $@; \
	  else .ci/environment requirements.lock $@; fi

.venv/.dev: requirements-dev.lock pyproject.toml | $(UV)
	@.ci/environment requirements-dev.lock $@

# Locked without index settings of this machine, so that the files name no host; for every platform and Python >= 3.11.
UV_COMPILE = env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL $(UV) pip compile --quiet --upgrade --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock: | $(UV) ## pin all Python packages anew, with hashes
	$(UV_COMPILE) --extra dev pyproject.toml -o requirements-dev.lock
	$(UV_COMPILE) --constraint requirements-dev.lock pyproject.toml -o requirements.lock

# ---------------------------------------------------------------------------------------------- front end

kiosk/node_modules/.ok: kiosk/package-lock.json $(wildcard kiosk/.npmrc)
	@echo "front end: packages"
	@npm ci --prefix kiosk $(NPM_QUIET)
	@touch $@

# The API description is rewritten only when it differs, so that a change of Python alone rebuilds no front end.
kiosk/gen/.ok: $(API_SOURCES) | .venv/.run
	@mkdir -p kiosk/gen
	@$(BIN)/pingyi openapi > kiosk/gen/openapi.json.new
	@if cmp -s kiosk/gen/openapi.json.new kiosk/gen/openapi.json; then rm kiosk/gen/openapi.json.new; \
	  else mv kiosk/gen/openapi.json.new kiosk/gen/openapi.json; fi
	@touch $@
kiosk/gen/openapi.json: kiosk/gen/.ok ;

client: kiosk/gen/openapi.json ## write the API description from which the TypeScript client is generated

kiosk/dist/.ok: kiosk/node_modules/.ok kiosk/gen/openapi.json $(KIOSK_SOURCES)
	@echo "front end: build"
	@npm run --silent --prefix kiosk build
	@touch $@
