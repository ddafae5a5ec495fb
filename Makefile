# `make run` and `make test` install what they need; see compose/install.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# For `make run`: the gateway's port and address, and how many gateways to run (the others take the ports after it).
PORT ?= 8080
BIND ?= 127.0.0.1
GATEWAYS ?= 1

SOURCES := Package.swift Services Shared Tests compose/stack compose/broker

.PHONY: help run build deps test test-deps test-swift test-browser test-security test-tsan faults mistakes lint format compose-test clean clean-data bench bench-long

help: ## Lists the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: build ## Installs what is missing, builds, starts everything and prints the address (PORT=, BIND=, GATEWAYS=)
	@exec .build/release/martlet-stack run --port $(PORT) --host $(BIND) --gateways $(GATEWAYS)

build: deps ## Builds the services in release mode
	@echo "martlet: building; the first time takes several minutes" >&2
	@swift build -c release

deps: ## Installs what is missing to build and run
	@compose/install run

test-deps:
	@compose/install test

test: test-swift test-browser test-security ## Installs what is missing and runs every test

test-swift: test-deps
	swift build --build-tests
	Tests/run

test-browser: test-deps
	swift build
	Tests/Browser/run

test-security: test-deps
	swift build
	Tests/Security/run

# What shares memory between threads: the bridges to the C libraries, the bus, and what runs without a server.
TSAN_TARGETS ?= ChatContractsTests ServiceKitTests PasswordHashingTests LoadTests AMQPTests MongoStoreTests MessageBusTests
TSAN_BUILD := --sanitize=thread --scratch-path .build_tsan

test-tsan: test-deps ## Runs the tests of shared modules under ThreadSanitizer (TSAN_TARGETS=)
	swift build --build-tests $(TSAN_BUILD)
	TSAN_OPTIONS="halt_on_error=0:exitcode=66" TEST_OPTIONS="$(TSAN_BUILD)" Tests/run $(TSAN_TARGETS)

# For `make faults` and `make mistakes`: the random seed, the duration, and further options of `martlet-faults`.
SEED ?=
MINUTES ?= 20
OPTIONS ?=

faults: test-deps ## Injects every kind of fault into a cluster and checks every promise (SEED=, MINUTES=, OPTIONS=)
	swift build -c release
	.build/release/martlet-faults run $(if $(SEED),--seed $(SEED)) --minutes $(MINUTES) $(OPTIONS)

mistakes: test-deps ## Plants thirteen mistakes, one at a time, and checks that the fault suite finds each (OPTIONS=)
	swift build -c release --traits PlantedMistakes --scratch-path .build_mistakes
	.build_mistakes/release/martlet-faults mistakes $(if $(SEED),--seed $(SEED)) $(OPTIONS)

bench: build ## Runs the standard measurements on a stack of its own, next to a limit program (under 15 minutes)
	@.build/release/martlet-load bench

bench-long: build ## Runs the longer measurements: 10,000 streams, a storm, long histories, growth
	@.build/release/martlet-load bench-long

lint: ## Checks the format, and the links in the documentation
	@swift format lint --strict --parallel --recursive $(SOURCES)
	@Tests/Documentation/check-links

format: ## Corrects the format
	@swift format --in-place --parallel --recursive $(SOURCES)

compose-test: ## Builds and tests the compose stack; needs a Docker engine
	@compose/test

clean: ## Deletes the build output
	@rm -rf .build .build_mistakes .build_tsan

clean-data: ## Deletes the data, secrets and logs of `make run`
	@rm -rf .martlet/stack
