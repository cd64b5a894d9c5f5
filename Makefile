# `make` lists what there is. PYTHON=… chooses the interpreter, VENV=… the place of the
# virtual environment, PYTEST="-k lock" what to run.
SHELL := bash
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
# For the tools that read the settings without running anything.
SETTINGS := ENV_FILE= DEBUG=true
WORKER := cloudflare
PYTEST ?=
PIP_LOG := $(VENV)/pip.log
export VENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: install
install: $(VENV)/.stamp-requirements ## Make .venv with what the product needs

.PHONY: run
run: $(VENV)/.stamp-requirements-demo ## Show the whole thing at work: mailbox, relay, receiver
	@$(BIN)/python -m demo

.PHONY: test
test: $(VENV)/.stamp-requirements-dev ## Run all checks and all tests
	@scripts/provision
	@if scripts/provision node >/dev/null; then $(MAKE) --no-print-directory worker; fi
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory migrations
	@echo "Testing …"
	$(BIN)/pytest -n 4 --dist worksteal $(PYTEST)

# MINUTES for each number of pollers and each database; SEED=… repeats a run.
.PHONY: chaos
chaos: export MINUTES ?= 2
chaos: export CYCLES ?= 10000
chaos: $(VENV)/.stamp-requirements-dev ## Bring about all that may go wrong, and say what holds
	@scripts/provision
	$(BIN)/python -m tests.chaos.table $(PYTEST)

.PHONY: soak
soak: export MINUTES ?= 10
soak: $(VENV)/.stamp-requirements-dev ## Everything at random for MINUTES=10, memory watched
	@scripts/provision
	$(BIN)/python -m tests.chaos.table --soak $(PYTEST)

# SEEDS of them, from the seed FROM on.
.PHONY: simulate
simulate: export SEEDS ?= 100000
simulate: $(VENV)/.stamp-requirements-dev ## Play SEEDS=100000 stories of several pollers in one thread
	$(BIN)/python -m tests.simulation.many -n auto --dist worksteal $(PYTEST)

# QUICK=1: in three minutes. RUNS of each drain; ONLY="latency idle"; OUT=results.json.
.PHONY: bench
bench: $(VENV)/.stamp-requirements-dev ## Measure it beside the raw limit (20 minutes; QUICK=1: 3)
	@scripts/provision
	@$(BIN)/python -m benchmarks $(if $(QUICK),--scale quick) $(if $(RUNS),--runs $(RUNS)) \
		$(if $(OUT),--out $(OUT)) $(ONLY)

.PHONY: worker
worker: $(WORKER)/node_modules/.stamp ## Install what the tests of the R2 Worker need

.PHONY: lint
lint: $(VENV)/.stamp-requirements-dev ## Check style, format and types
	@echo "Checking style, format and types …"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(SETTINGS) $(BIN)/mypy

.PHONY: migrations
migrations: $(VENV)/.stamp-requirements-dev ## Check that no migration is missing
	@echo "Checking migrations …"
	$(SETTINGS) $(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: audit
audit: $(VENV)/.stamp-requirements-dev ## Ask the registries for known vulnerabilities
	@$(BIN)/python -m tests.audit

.PHONY: messages
messages: $(VENV)/.stamp-requirements-dev ## Bring the translations in locale/ up to date
	@$(SETTINGS) $(BIN)/python -m tests.messages

.PHONY: screenshots
screenshots: $(VENV)/.stamp-requirements-dev ## Make the pictures of docs/images anew
	@scripts/provision
	@$(BIN)/python -m tests.screenshots

# The runtime comes as a package of its own; no script of a package needs to run.
$(WORKER)/node_modules/.stamp: $(WORKER)/package.json $(WORKER)/package-lock.json
	@echo "Installing $(WORKER)/package-lock.json (up to a minute) …"
	@cd $(WORKER) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# One stamp per requirements file. Each file includes the smaller one.
$(VENV)/.stamp-requirements-demo: requirements.txt
$(VENV)/.stamp-requirements-dev: requirements.txt requirements-demo.txt

$(VENV)/.stamp-%: %.txt | $(BIN)/python
	@echo "Installing $< (up to a minute) …"
	@set -o pipefail; $(BIN)/python -m pip install --progress-bar off -r $< 2>&1 \
		| tee $(PIP_LOG) | $(PROGRESS) || { echo "pip failed; all it said is in $(PIP_LOG)." >&2; exit 1; }
	@touch $@

# pip has a line per package: a terminal shows the last one, a log their number. Its warnings
# are for those who made the packages, so they are in the file alone.
PROGRESS := awk -v show="$$([ -t 1 ] && echo yes)" ' \
	/^Collecting/ { count++; if (show) printf "\r\033[K  %d  %s", count, $$2 } \
	/^Installing/ { if (show) printf "\r\033[K  unpacking" } \
	/^ *(ERROR|error):/ { failed = 1; if (show) printf "\r\033[K"; print "  " $$0 } { fflush() } \
	/^Successfully installed/ { installed = NF - 2 } \
	END { if (show) printf "\r\033[K"; if (!failed) printf "  %d packages installed\n", installed }'

$(BIN)/python:
	@set -e; python="$(PYTHON)"; [ -n "$$python" ] || python="$$(scripts/provision python)"; \
	version="$$("$$python" --version)"; echo "Making $(VENV) with $$version ($$python) …"; \
	"$$python" -m venv --clear $(VENV)
