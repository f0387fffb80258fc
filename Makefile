PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: book lite test weigh bench check serve rerun audit seeds lock wheels format clean help

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

book: $(READY) ## build the whole book into _build/html
	$(BIN)/casebook-build

lite: book ## add what runs the chapters in the reader's browser
	$(BIN)/casebook-lite

check: $(READY) ## check the data: schema, rules, and the articles where at hand
	$(BIN)/casebook-check

test: lite ## run every test, in a headless Chromium too
	tests/setup.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -n auto --dist worksteal
	$(BIN)/pytest -n auto --dist loadfile --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg book/chapters

serve: book ## show the built book at http://localhost:8000
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

rerun: check ## run every chapter from scratch and refresh its stored outputs
	$(BIN)/casebook-rerun

weigh: book ## weigh the chapters beside a plain Jupyter Book build
	tests/setup.sh
	$(BIN)/python bench/weigh.py

bench: $(READY) ## time the build beside plain Jupyter Book, as ratios
	$(BIN)/python bench/build.py

audit: $(READY) ## compute the coders' agreement again
	$(BIN)/casebook-audit

seeds: $(READY) ## compare fingerprints, word counts and phrases with the articles at hand
	$(BIN)/casebook-seeds

lock: $(READY) ## resolve requirements.in into requirements.txt again
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
		--upgrade requirements.in -o requirements.txt

wheels: $(READY) ## check that the lock resolves to wheels alone on Python 3.11 to 3.14
	$(BIN)/pip install --quiet uv
	for version in 3.11 3.12 3.13 3.14; do \
		$(BIN)/uv pip compile --quiet --python-version $$version --only-binary :all: \
			--no-header requirements.txt -o /dev/null || exit 1; \
	done

format: $(READY) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was built
	rm -rf _build $(VENV)
