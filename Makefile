# Short names for what a developer does every day. The work is in scripts/ and in the binary itself.
# ARGS is handed on: make demo ARGS=--json

.DEFAULT_GOAL := help
.PHONY: help demo test lint generate bench crash-test ci

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: ## Start a sample tenant with a simulated ERP and WMS, and print URLs and sign-ins
	@cargo run -- demo $(ARGS)

test: ## Run every test on SQLite and PostgreSQL, and the client suites
	@scripts/test $(ARGS)

lint: ## Check formatting, clippy, docs, generated files and dependencies
	@scripts/lint

generate: ## Write the generated files again: schema, event schemas, reference pages
	@cargo run --quiet -- generate $(ARGS)

bench: ## Run the benchmarks
	@cargo bench --workspace --bench '*' $(ARGS)

crash-test: ## Kill the process under load again and again and check that nothing is lost or done twice
	@cargo test --release --workspace --test crash $(ARGS)

ci: ## Do what continuous integration does
	@bash .ci/run
