# Doorstep: `make` alone lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?= 8000
BOT_PORT ?= 5005
ACTIONS_PORT ?= 5055
PHONE_PORT ?= 8090
DATA_DIR ?= var
export PORT BOT_PORT ACTIONS_PORT PHONE_PORT
export DATA_DIR := $(abspath $(DATA_DIR))
export DOORSTEP_ENV ?= demo
export RASA_TELEMETRY_ENABLED := false

# Rasa needs Python 3.10. uv finds or fetches one; where it cannot, pyenv's real folder helps
# (its shims hide 3.10 behind another default).
PYENV_3_10 := $(lastword $(sort $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.10.*/bin)))
export PATH := $(PATH)$(PYENV_3_10:%=:%)
# An exported UV_PYTHON would pin both projects to one version.
unexport UV_PYTHON
unexport VIRTUAL_ENV

UV := $(or $(shell command -v uv 2>/dev/null),$(CURDIR)/.uv/bin/uv)
PY := .venv/bin/python
BOT_PY := bot/.venv/bin/python

.PHONY: help setup run train test endurance screenshots check evaluate bench format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(CURDIR)/.uv/bin/uv:
	@echo "Installing uv into .uv …"
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.8

# Compiled at once: each start of a process would else compile every library again wherever Python
# is told to write no bytecode.
.venv/.ready: pyproject.toml uv.lock $(if $(filter $(CURDIR)/%,$(UV)),$(UV))
	@echo "Installing the service (Python 3.11 or newer) …"
	@$(UV) sync --locked --quiet --compile-bytecode
	@touch $@

bot/.venv/.ready: bot/pyproject.toml bot/uv.lock $(if $(filter $(CURDIR)/%,$(UV)),$(UV))
	@echo "Installing the assistant (Python 3.10, Rasa) …"
	@cd bot && $(UV) sync --locked --quiet --compile-bytecode
	@touch $@

setup: .venv/.ready bot/.venv/.ready ## install both environments

train: setup ## train the assistant, if its data changed
	@$(BOT_PY) -m bot.train

run: train ## set everything up and run the whole service on 127.0.0.1
	@.venv/bin/doorstep prepare
	@set -a && . "$$DATA_DIR/run.env" && set +a && exec .venv/bin/honcho start --no-prefix -f Procfile.demo

# These have a browser or the whole service to themselves, and mostly wait for it.
WHOLE := browser journeys
# Runs of chance and of minutes: `make endurance`.
LONG := endurance/test_kills.py endurance/test_fuzz.py

test: train ## every test, in both environments
	$(PY) -m pytest tests -n 2 $(addprefix --ignore=tests/,conversation $(WHOLE) $(LONG))
	$(PY) -m pytest $(addprefix tests/,$(WHOLE)) -n 3 --dist worksteal
	$(BOT_PY) -m pytest tests/conversation -c tests/conversation/pytest.ini

endurance: train ## long random runs against the running service: 100 kills, then 2,000 turns
	DOORSTEP_KILLS=$${DOORSTEP_KILLS:-100} DOORSTEP_FUZZ_TURNS=$${DOORSTEP_FUZZ_TURNS:-2000} \
		$(PY) -m pytest tests/endurance

screenshots: setup ## every page at two widths, into var/screenshots, to be looked at
	$(PY) -m pytest tests/browser/screenshots.py
	@echo "They are in $(DATA_DIR)/screenshots."

check: setup ## linters, types, import contracts, policy packs
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/doorstep policy check

evaluate: train ## how often we are right: make evaluate FILE=messages.jsonl [BEFORE=report.json]
	@test -n "$(FILE)" || { echo "Which messages? make evaluate FILE=data/evaluation/second_hand.jsonl"; exit 2; }
	@.venv/bin/doorstep evaluate "$(FILE)" $(if $(BEFORE),--before "$(BEFORE)")

bench: train ## our turns beside stock Rasa's, in one run: make bench [QUICK=1] [BOTS=2]
	@QUICK=$(QUICK) BOTS=$(BOTS) $(PY) -m tests.bench

format: setup ## let the formatter have its way
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

clean: ## remove environments, models and the demo's data
	rm -rf .venv bot/.venv bot/models .uv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
