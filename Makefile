# Every path here is relative and free of spaces, so that the folder's own path may hold anything.

.DEFAULT_GOAL := help
.PHONY: help install run test types tests bench soak lock

# The newest Python is not always the one with wheels for everything: 3.11 is what we test on. The
# system's own comes first: it is built with profiles, which one compiled at home often is not.
python = $(shell for p in "$${PYTHON:-/usr/bin/python3.11}" python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
need_python = @test -n "$(python)" || \
	{ echo "✗ Python 3.11 or newer is needed 需要 Python 3.11 以上:  apt-get install python3.11 python3.11-venv"; exit 1; }

help: ## This list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 16

install: ## Environment, packages and pages; does nothing when all is up to date
	$(need_python)
	@"$(python)" infra/local/install.py run

run: install ## A whole demonstration instance; Ctrl-C ends it  (ARGS="--port 8080")
	@exec .venv/bin/python -m backend.cli up --demo $(ARGS)

test: ## Everything that CI runs: style, types, tests
	$(need_python)
	@"$(python)" infra/local/install.py test
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types tests

types:
	.venv/bin/python -m mypy

# Four on two cores: tests wait for a part of their time. They start hundreds of processes, which
# need not compile what another has.
tests:
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n 4 --dist loadfile

bench: ## Figures beside their floors, in one run  (ONLY=media)
	$(need_python)
	@"$(python)" infra/local/install.py test
	@.venv/bin/python -m tests.bench $(if $(ONLY),--only $(ONLY))

soak: ## A deadline day with accidents; every acknowledged second is looked for  (MINUTES=10)
	$(need_python)
	@"$(python)" infra/local/install.py test
	@.venv/bin/python -m tests.soak $(if $(MINUTES),--minutes $(MINUTES))

lock: ## Choose package versions anew and write their hashes
	.venv/bin/python -m uv pip compile pyproject.toml --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --python-version 3.11 -q --upgrade -o requirements/run.txt
	.venv/bin/python -m uv pip compile pyproject.toml --extra test --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --python-version 3.11 -q --upgrade -o requirements/test.txt
