# Needs Python 3.11 or newer and make; everything else is fetched into .venv.

PYTHON ?= python3
# A uv of one's own, or one fetched into .venv-tools.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .venv-tools/bin/uv)
BIN := .venv/bin
# Whoever names a Python gets it: uv takes the first that will do.
NAMED := $(if $(filter file,$(origin PYTHON)),,--python $(PYTHON))

.PHONY: help messages fonts demo test check quick-tests lint style types architecture settings-table docs screenshots real-run bench \
	sbom audit clean browser other-browsers postfix servers chinese-fonts encryption lighthouse

help:
	@echo "make demo          start everything on this machine and send one letter to a local inbox (Ctrl-C ends it)"
	@echo "make demo ONCE=1   the same, ending with exit status 0 once the letter has arrived"
	@echo "make demo PORT=8080  with the pages at that port"
	@echo "make test          every test: SQLite, PostgreSQL, SMTP, and Chromium at two widths"
	@echo "make check         for between two thoughts: lint, what the house asks of every module, and the rules and flows on SQLite"
	@echo "make lint          ruff, mypy and the import floors"
	@echo "make architecture  draw the pictures in docs/architecture.md anew, from the imports"
	@echo "make settings-table  write the table in docs/install.md anew, from the settings"
	@echo "make docs          build the documents as a site, in dist/docs, with every link checked"
	@echo "make messages      bring the catalogues of all languages up to date with the code, and compile them"
	@echo "make fonts         make the fonts of pages in Khmer, Lao and Burmese anew, from data/fonts"
	@echo "make screenshots   photograph every page into docs/screenshots"
	@echo "make lighthouse    have Lighthouse judge the supporters' pages, into docs/quality (Node.js; on a quiet machine)"
	@echo "make real-run      install, set up, send, upgrade, lose and restore with real programs (root; nginx, apache2, haproxy, caddy, pgbouncer, postfix)"
	@echo "make bench         measure delivery and lookup beside other programs, in 3 minutes; FULL=1 takes 50"
	@echo "make sbom          list every library of an installation, in CycloneDX, in dist/"
	@echo "make audit         ask whether known faults are in any of them (needs the network)"
	@echo "make clean         remove the environment, caches, build output and the demo's data"

demo: .venv/.ready
	@$(BIN)/actionmail demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

# One process for each core, at most 8; what shares a browser and a running house stays in one of them.
PARALLEL := -n auto --maxprocesses 8 --dist loadgroup
# Else every process of every run compiles the tests and the package anew. `make clean` takes away what is written.
unexport PYTHONDONTWRITEBYTECODE

test: .venv/.ready .venv-docs/.ready browser other-browsers postfix servers chinese-fonts encryption
	@ACTIONMAIL_TEST_EVERYTHING=1 $(BIN)/pytest $(PARALLEL) $(ARGS)

# Beside each other, since mypy uses one core and waits for nothing.
check: style
	@$(MAKE) --no-print-directory -j2 types quick-tests

quick-tests: .venv/.ready
	@$(BIN)/pytest -q $(PARALLEL) -m 'not postgres and not slow' tests/test_*.py tests/rules tests/flows $(ARGS)

lint: style types

style: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.ready
	$(BIN)/mypy
	$(BIN)/lint-imports

# Those of Khmer, Lao and Burmese pages, from data/fonts.
fonts: .venv/.ready
	@$(BIN)/python -m tests.web_fonts

settings-table: .venv/.ready
	@$(BIN)/python -m tests.settings_table

architecture: .venv/.ready
	@$(BIN)/python -m tests.architecture

# Zensical and what draws the pictures, in an environment that has nothing else. A document that lies ends it.
docs: .venv-docs/.ready
	@.venv-docs/bin/python -m tests.docs_site

messages: .venv/.ready
	@$(BIN)/python -m tests.catalogues

screenshots: .venv/.ready browser
	@$(BIN)/pytest tests/journeys -q -k 'not scriptless' --screenshots docs/screenshots

lighthouse: .venv/.ready browser
	@$(BIN)/python -m tests.lighthouse

# The whole life of an installation with real programs, as root on Debian: nginx, PgBouncer, PostgreSQL, Postfix.
real-run: .venv/.ready
	@$(BIN)/python -m tests.real_run

bench: .venv/.ready
	@FULL=$(FULL) $(BIN)/python -m bench

# What is in it: every library that an installation has, for whoever asks which of them have known faults.
sbom: .venv/.ready
	@mkdir -p dist
	@$(UV) export --quiet --frozen --no-dev --format cyclonedx1.5 --preview-features sbom-export --output-file dist/actionmail.cdx.json >/dev/null
	@echo "Written: dist/actionmail.cdx.json"

# Asks the Python Packaging Advisory Database, so it needs the network; in no test. Ends with 0 where no fault is known;
# ANYWHERE=1 lets it end so also where the index has no advisories, which it says.
audit: .venv/.ready
	@mkdir -p dist
	@$(UV) export --quiet --frozen --no-dev --all-extras --no-emit-project --format requirements.txt --output-file dist/locked.txt >/dev/null
	@$(BIN)/python -m tests.known_faults dist/locked.txt $(UV) $(if $(ANYWHERE),|| test $$? = 3)

clean:
	rm -rf .venv .venv-docs .venv-tools bench/.venv bench/node_modules bench/out dist build var/demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Finds a Chromium, or installs one where that is possible, or says what to do.
browser: .venv/.ready
	@$(BIN)/python -m tests.journeys.browser

# Firefox, WebKitGTK and Lynx, for one journey each.
other-browsers: .venv/.ready
	@$(BIN)/python -m tests.journeys.other_browsers

# The same for Postfix, through which the tests of returned mail go.
postfix: .venv/.ready
	@$(BIN)/python -m tests.postfix

# Courier, Exim, OpenSMTPD, SpamAssassin, rspamd, RabbitMQ and Redis, from Debian's packages, into folders of the environment: nothing is installed on the machine.
servers: .venv/.ready
	@$(BIN)/python -m tests.servers

# And for the fonts of papers in Chinese.
chinese-fonts: .venv/.ready
	@$(BIN)/python -m tests.chinese_fonts

# And for backups that only the holder of a key can read.
encryption: .venv/.ready
	@$(BIN)/python -m tests.encryption

.venv/.ready: pyproject.toml uv.lock $(filter .venv-tools/%,$(UV))
	$(UV) sync --frozen $(NAMED)
	@touch $@

.venv-docs/.ready: pyproject.toml uv.lock $(filter .venv-tools/%,$(UV))
	UV_PROJECT_ENVIRONMENT=.venv-docs $(UV) sync --frozen $(NAMED) --only-group docs --no-install-project --no-compile-bytecode
	@touch $@

.venv-tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11; say which to use: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv-tools || { rm -rf .venv-tools; \
		echo "$(PYTHON) cannot make an environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	.venv-tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
