# What a person types. Each target is a line or two; the work is in scripts/.
.PHONY: setup test demo lint screenshots clean
SECONDS ?= 0

setup: .venv/ready

.venv/ready: scripts/setup $(wildcard requirements/*.txt) $(wildcard */pyproject.toml)
	scripts/setup

test: setup
	scripts/test

demo: setup
	.venv/bin/python scripts/demo.py --seconds $(SECONDS)

lint: setup
	scripts/lint

screenshots: setup
	scripts/screenshots --font Inter

clean:
	rm -rf .venv .cache build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
