# Everything sets itself up: Python 3.11 and make are enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := runs/demo
MINUTES ?= 10
WITHIN ?= 10

.PHONY: demo test kernels fuzz check bench docs search-table package sbom lowest constraints clean

demo: $(READY)  ## the main job on the embedded digits: search, report, retrain the winner
	@rm -rf $(DEMO)
	@echo "1/3  solve: the line of channels that fills 300k multiply-accumulates"
	@$(BIN)/rexpand solve search_18 --macs 300k --resolution 8 --intercept 5
	@echo "2/3  search: 60 configurations within that budget, each trained for 3 epochs"
	@$(BIN)/rexpand search run --data digits --network search_18 --macs 300k \
		--trials 60 --seeds 1 --epochs 3 --jobs 2 --out $(DEMO)
	@echo "3/3  export: the winner, trained by the long recipe and tested"
	@$(BIN)/rexpand search export $(DEMO) --out $(DEMO)/winner.toml --retrain digits
	@$(BIN)/rexpand evaluate $(DEMO)/winner/network.safetensors --data digits
	@echo "report: $(DEMO)/report.html"

test: $(READY)  ## every test: the fast ones, then the slow ones
	@scripts/install-browser.sh
	@scripts/install-postgresql.sh
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal
	$(BIN)/python -m pytest -m slow -n 2 --dist worksteal

# As on processors without AVX, and without AVX512; threads change the order of sums too;
# two processes of two threads would wait for each other on two cores.
kernels: $(READY)  ## the tests that depend on the processor's kernels, under two others
	ATEN_CPU_CAPABILITY=default DNNL_MAX_CPU_ISA=SSE41 OMP_NUM_THREADS=1 \
		$(BIN)/python -m pytest -m "kernels and not slow" -n 2
	ATEN_CPU_CAPABILITY=avx2 DNNL_MAX_CPU_ISA=AVX2 OMP_NUM_THREADS=2 \
		$(BIN)/python -m pytest -m "kernels and not slow"

fuzz: $(READY)  ## fresh attacks on the command line, and laws with fresh seeds, for MINUTES minutes
	@PYTHONPATH=src:tests $(BIN)/python -m fuzz.attack --minutes $(MINUTES) & attack=$$!; \
	end=$$(($$(date +%s) + 60 * $(MINUTES))); failed=0; \
	while [ $$failed = 0 ] && [ $$(date +%s) -lt $$end ]; do \
		$(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile=fuzz || failed=1; \
	done; \
	wait $$attack && exit $$failed

check: $(READY)  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## ratios against the peers, every benchmark that ends WITHIN minutes
	$(BIN)/python benchmarks/every.py --within $(WITHIN) --out runs/benchmarks

docs: $(READY)  ## the pages in docs/, as HTML
	$(BIN)/sphinx-build -qW docs docs/_build/html
	@echo "docs: docs/_build/html/index.html"

search-table: $(READY)  ## the studies of results/search: about an hour on two cores
	results/search/rebuild.sh

# Each in an environment of its own, so that nothing which happens to be here helps.
package: dist/.venv  ## the wheel and the sdist, in dist/
	rm -f dist/*.whl dist/*.tar.gz
	dist/.venv/bin/python -m build --outdir dist
	dist/.venv/bin/twine check --strict dist/*.whl dist/*.tar.gz

sbom: package  ## what the wheel brings when it is installed, as CycloneDX: dist/sbom.json
	rm -rf dist/.installed
	$(PYTHON) -m venv dist/.installed
	dist/.installed/bin/python -m pip install --quiet dist/*.whl
	dist/.venv/bin/cyclonedx-py environment dist/.installed --output-reproducible -o dist/sbom.json

dist/.venv:
	$(PYTHON) -m venv dist/.venv
	dist/.venv/bin/python -m pip install --quiet 'build>=1.2' 'twine>=6' 'cyclonedx-bom>=7' 'uv>=0.9'

# By hand and in the public CI: it takes an environment of 6 GB.
LOWEST := search report timm deploy data detection table
lowest: dist/.venv  ## the lowest versions that the metadata allows: installed, and tested
	dist/.venv/bin/uv pip compile --quiet --resolution lowest-direct --python-version 3.11 \
		pyproject.toml $(addprefix --extra ,$(LOWEST)) --output-file dist/lowest.txt
	rm -rf dist/.lowest
	$(PYTHON) -m venv dist/.lowest
	dist/.lowest/bin/python -m pip install --quiet --requirement dist/lowest.txt pytest hypothesis
	dist/.lowest/bin/python -m pip install --quiet --no-deps .
	dist/.lowest/bin/python -m pytest -q -o filterwarnings=default \
		-m "not slow and not browser" $(LOWEST_TESTS)

# Where no package of `dev` is needed but pytest and hypothesis.
LOWEST_TESTS := tests/spec tests/cost tests/budget tests/records tests/report tests/rank

constraints: $(READY)  ## constraints.txt: the versions that the tests passed with, to pin an installation
	@{ echo "# Made by make constraints: the versions that all tests passed with, on Linux x86-64,"; \
		echo "# $$($(BIN)/python -V). To install these: pip install . --constraint constraints.txt"; \
		$(BIN)/python -m pip list --format freeze --exclude-editable \
			--exclude pip --exclude setuptools --exclude wheel | sed 's/+.*//'; } > constraints.txt

clean:  ## what the above left, except runs/
	rm -rf $(VENV) dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The environment, made again when its list changes; a half-made one is never ready.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "rexpand needs Python 3.11 or later; give make PYTHON=path"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[search,postgresql,report,timm,deploy,data,detection,ray,table,app,notebook,dev]'
	@touch $@
