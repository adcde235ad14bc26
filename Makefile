# Attnscope's commands; `make help` lists them. How files are compiled stands in build.mk, which is
# read only after the set-up: it asks pkg-config, and a fresh machine has none yet.

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
MINUTES ?= 1

export VERSION PREFIX
.DEFAULT_GOAL := all
.NOTPARALLEL:

SETUP := sh tests/tools/setup.sh
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
BUILD = +@$(MAKE) --no-print-directory $(JOBS) -f build.mk
SHARE := $(DESTDIR)$(PREFIX)/share
BIN := $(DESTDIR)$(PREFIX)/bin

all: setup ## install what is missing and build build/attnscope
	$(BUILD) program

run: all ## build, and open the window on the default model and prompt
	@build/attnscope open --first-look build/first-look

test: setup-test ## all tests; the last line counts them
	$(BUILD) tests WERROR=-Werror
	@bash tests/tools/run_tests.sh

bench: all ## measure speed against goals and yardsticks (QUICK=1: a minute)
	@$(SETUP) test bench
	$(BUILD) bench
	@python3 tests/tools/bench.py

layers: setup-test ## check that nothing includes what stands above it
	$(BUILD) layers-engine
	@sh tests/tools/layers.sh

lint: ## cppcheck, clang-tidy and clang's warnings
	@$(SETUP) build test lint
	$(BUILD) lint

format: ## lay out all C files with clang-format
	@$(SETUP) lint
	$(BUILD) format

format-check: ## say which files `make format` would change
	@$(SETUP) lint
	$(BUILD) format-check

fuzz: ## libFuzzer on every fuzzer, MINUTES=1 each
	@$(SETUP) build fuzz
	$(BUILD) fuzzers
	@bash tests/tools/fuzz.sh $(MINUTES)

install: all ## install under PREFIX=/usr/local (and DESTDIR=)
	install -d "$(BIN)" "$(SHARE)/attnscope" "$(SHARE)/man/man1"
	install -m 755 build/attnscope "$(BIN)/attnscope"
	rm -rf "$(SHARE)/attnscope/assets"
	cp -R assets "$(SHARE)/attnscope/assets"
	rm -rf "$(SHARE)/attnscope/assets/recipes" "$(SHARE)/attnscope/lessons"
	cp -R lessons "$(SHARE)/attnscope/lessons"
	install -m 644 docs/attnscope.1 "$(SHARE)/man/man1/attnscope.1"

uninstall: ## remove what install wrote
	rm -rf "$(BIN)/attnscope" "$(SHARE)/attnscope" "$(SHARE)/man/man1/attnscope.1"

clean: ## remove build/
	rm -rf build

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## install what the build needs
	@$(SETUP) build

setup-test: ## install what the build and the tests need
	@$(SETUP) build test

.PHONY: all run test bench layers lint format format-check fuzz install uninstall clean help setup \
	setup-test
