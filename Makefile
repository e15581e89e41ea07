# The two commands of the book are `make book` and `make test`. Both set up .venv first, if need be.
#
#   PYTHON=python3.12    the Python to build .venv with: 3.11, 3.12 or 3.13
#   JOBS=2               how many things to do at a time
#   PIP_ARGS="..."       more arguments for pip, such as the index of a CPU-only torch
#   UPGRADE=1            with `make lock`: move to the newest versions

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
SHELL := bash
.DELETE_ON_ERROR:
.PHONY: book test lint lock clean

book: $(READY)
	@$(BIN)/hfgnn build $(if $(JOBS),--jobs $(JOBS))

test: $(READY)
	@$(BIN)/python -m pytest $(if $(JOBS),-n $(JOBS) --dist loadscope --ignore tests/benchmarks)
	@$(if $(JOBS),$(BIN)/python -m pytest tests/benchmarks)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	@bash -n .ci/run

lock: $(READY)
	@$(BIN)/uv pip compile --quiet --universal --no-annotate --no-header --extra dev \
		$(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock

clean:
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# .venv/ready is there only when the set-up came to its end, and says where that was. A .venv that was
# interrupted, moved, copied, or made with another Python than the one asked for is made anew;
# after a change of the lock, what is missing is added to a good one.
version = $(shell { $(1) -V; } 2>/dev/null)
ASKED := $(if $(filter file,$(origin PYTHON)),,$(or $(call version,$(PYTHON)),nothing))
STALE := $(if $(ASKED),$(filter-out $(ASKED),$(call version,$(BIN)/python)))
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
STALE := yes
endif
ifneq ($(STALE),)
.PHONY: $(READY)
endif

RULE = the book needs Python 3.11, 3.12 or 3.13; name one that is installed, as in: make PYTHON=python3.12
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "PYTHON=$(PYTHON) cannot be found; $(RULE)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "PYTHON=$(PYTHON) is $(call version,$(PYTHON)); $(RULE)" >&2; exit 1; }
	@rm -f $@
	@$(if $(STALE),$(PYTHON) -m venv --clear .venv)
	@echo "setting up .venv (minutes the first time)"
	@$(BIN)/python -m pip install --quiet $(PIP_ARGS) -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@echo "$(CURDIR)" > $@
