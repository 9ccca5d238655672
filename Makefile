# Short names for what a developer does every day. The work is in scripts/ and in the binary itself.
# ARGS is handed on: make demo ARGS=--json

.DEFAULT_GOAL := help
.PHONY: help demo test lint generate bench conformance fuzz crash-test crash-test-proof fault-campaign faults fail-points cluster-test ci

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' Makefile

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

conformance: ## Send our SAP requests to an OData server with SAP's metadata (SAP_EDMX=folder of the vendor's files)
	@scripts/conformance/sap "$(SAP_EDMX)"

fuzz: ## Look for input that breaks the EDI reader or writer (SECONDS= for each target)
	@scripts/fuzz $(or $(SECONDS),30)

crash-test: ## Kill the server under load, 50 times, and check that nothing is lost or done twice (ROUNDS= SEED=)
	@cargo test --workspace --test crash -- --ignored --nocapture killed

crash-test-proof: ## Plant defects and check that the crash test finds each
	@cargo test --workspace --features quayside/planted-bugs --test crash -- --ignored --nocapture --test-threads=2 proof

fault-campaign: ## The crash test as CI runs it: 20 kills with a fixed seed on SQLite, 20 with a random one on PostgreSQL
	@scripts/fault-campaign

faults: ## Every fault but killing, once each: no disk, no PostgreSQL, other clocks, a backup, a torn network
	@cargo test --workspace --test crash -- --ignored --nocapture --test-threads=4 fault_

fail-points: ## End, fail or delay the server at each moment that a write passes (POINTS=12 for a sample)
	@cargo test --workspace --features quayside/planted-bugs --test crash -- --ignored --nocapture fault_03

cluster-test: ## Kill nodes, PostgreSQL and NATS in turn under load, and check that nothing is lost or done twice (SECONDS= SEED=)
	@scripts/setup-test
	@cargo test --workspace --test cluster -- --ignored --nocapture several_nodes

ci: ## Do what continuous integration does
	@bash .ci/run
