# Recipes for developers; `just` alone runs tests and linters.
default: test lint

# Run the tests.
test *ARGS:
    uv run pytest {{ ARGS }}

# Run linters, type checker, import contracts and docs checks.
lint:
    uv run ruff check
    uv run ruff format --check
    uv run mypy
    uv run lint-imports
    uv run python docs/reference.py --check

# Format the code.
format:
    uv run ruff format
    uv run ruff check --fix

# Write the generated parts of the docs anew.
docs:
    uv run python docs/reference.py

# Crawl the sample sites into a temporary archive.
demo:
    uv run umecrawl demo

# All that CI does.
ci:
    bash .ci/run
