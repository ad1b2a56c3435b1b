# make demo: build the graph of the bundled example.  make test: check everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUNDLE := kg/explorer/static/explorer.js
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test docs exports bundle lock bench bench-train bench-resolve bench-sparql bench-explorer bench-scale clean help

help:
	@echo "make demo     build the graph of examples/daily-papers.txt into exports/demo/"
	@echo "make test     lint, types, import order, doctests, tests"
	@echo "make docs     write the documentation of the ontology to build/docs/ontology.html"
	@echo "make bundle   put the explorer's web parts together (done by the others when needed; the first time needs the network)"
	@echo "make exports  rebuild exports/ from the seed pages (ABSTRACTKG_SHARED names their folder)"
	@echo "make bench    measure speed, memory and F1 beside spaCy's own (three minutes; ABSTRACTKG_SHARED names the texts)"
	@echo "make bench-train  train the spaCy recogniser that make bench compares with (seven minutes)"
	@echo "make bench-resolve  measure the resolution of all names of the corpus, and of 100 papers added (eight minutes)"
	@echo "make bench-sparql  time the named queries beside pyoxigraph and rdflib (KG_BENCH_GRAPH names a graph folder)"
	@echo "make bench-scale  measure each stage of a large graph (PAPERS names a JSON Lines file; OPTIONS='--papers 3000 --times 10')"
	@echo "make bench-explorer  measure explorer pages in Chromium (PAGES names them)"
	@echo "make lock     choose the versions in requirements.lock anew"

demo: $(VENV)/run $(BUNDLE)
	@$(BIN)/kg build examples/daily-papers.txt --graph exports/demo/graph --out exports/demo --with-text
	@echo
	@echo "Try next:"
	@echo "  $(BIN)/kg query @extends method=PPO --graph exports/demo/graph"
	@echo "  $(BIN)/kg show GRPO --graph exports/demo/graph"
	@echo "  open exports/demo/explorer.html in a browser"

test: $(VENV)/dev $(BUNDLE)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q

docs: $(VENV)/dev
	$(BIN)/python -m tests.ontology.page build/docs/ontology.html

exports: $(VENV)/run $(BUNDLE)
	@test -n "$(ABSTRACTKG_SHARED)" || { echo "ABSTRACTKG_SHARED must name the folder that holds seeds/"; exit 2; }
	$(BIN)/kg build $(ABSTRACTKG_SHARED)/seeds/*.txt --graph build/seeds-graph --out exports --min-confidence 0.6

bundle: $(BUNDLE)

bench: $(VENV)/dev
	@$(ONE_THREAD) $(BIN)/python -m tests.benchmarks.bench --json build/bench/bench.json

bench-train: $(VENV)/dev
	@test -n "$(ABSTRACTKG_SHARED)" || { echo "ABSTRACTKG_SHARED must name the folder that holds gold/"; exit 2; }
	$(ONE_THREAD) nice -n 10 $(BIN)/python -m tests.benchmarks.spacy_ner --gold $(ABSTRACTKG_SHARED)/gold/train.jsonl

bench-resolve: $(VENV)/dev
	@$(ONE_THREAD) $(BIN)/python -m tests.benchmarks.resolving --json build/bench/resolving.json

bench-sparql: $(VENV)/dev
	@$(BIN)/python -m tests.benchmarks.sparql --json build/bench/sparql.json

bench-explorer: $(VENV)/dev
	@$(BIN)/python -m tests.benchmarks.explorer $(PAGES)

bench-scale: $(VENV)/dev
	@test -n "$(PAPERS)" || { echo "PAPERS must name a JSON Lines file of papers"; exit 2; }
	@$(BIN)/python -m tests.benchmarks.scale $(PAPERS) $(OPTIONS) --json build/bench/scale.json

lock:
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build node_modules kg/explorer/static kg/server/static/yasgui.* exports/demo *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/made:
	@command -v $(PYTHON) >/dev/null || { echo "no $(PYTHON) on this machine; install Python 3.11 or newer"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/made requirements.lock pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock -r requirements-build.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.lock
	@touch $@

$(BUNDLE): package.json package-lock.json kg/explorer/bundle.py kg/explorer/bundle.mjs $(wildcard kg/explorer/src/*) | $(VENV)/run
	$(BIN)/python -P kg/explorer/bundle.py
