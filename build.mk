# How files are compiled. Each flavour has its own objects under build/obj/FLAVOUR:
#   release  what is installed         test  asserts on, for the tests
#   asan     AddressSanitizer and UBSan  fuzz  clang with libFuzzer
# Sources are found by their place: engine/**, app/**, tests/test_*.c, tests/fuzz/fuzz_*.c.

ifeq ($(origin CC),default)
CC := gcc
endif
WERROR ?=

LIBRARIES := libcjson libpcre2-8 libutf8proc
APP_LIBRARIES := sdl2 SDL2_ttf libpng fontconfig
# Loaded on first use (app/export/page_libs.h): only their headers are needed here.
LOADED_LIBRARIES := cairo pangocairo
ALL_LIBRARIES := $(LIBRARIES) $(APP_LIBRARIES) $(LOADED_LIBRARIES)
TEST_LIBS = $(shell pkg-config --libs cmocka)
ifneq ($(shell pkg-config --exists $(ALL_LIBRARIES) && echo yes),yes)
$(error $(shell pkg-config --print-errors --exists $(ALL_LIBRARIES) 2>&1))
endif
# Their headers are not ours to warn about.
SYSTEM_FLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(ALL_LIBRARIES)))
ENGINE_LIBS := $(shell pkg-config --libs $(LIBRARIES)) -lm -pthread
LIBS := $(shell pkg-config --libs $(APP_LIBRARIES)) $(ENGINE_LIBS) -ldl

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla
COMMON := -std=c11 -D_GNU_SOURCE -I. $(SYSTEM_FLAGS) $(WARNINGS) -ffp-contract=off -pthread \
	-DATTNSCOPE_VERSION='"$(VERSION)"' -DATTNSCOPE_PREFIX='"$(PREFIX)"'
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# Each instruction set's kernels are compiled for it, and chosen when the program runs.
ifneq ($(filter x86_64-%,$(shell $(CC) -dumpmachine)),)
engine/tensor/kernels_avx2.c_FLAGS := -mavx2 -mfma -mf16c
engine/tensor/kernels_avx512.c_FLAGS := -mavx2 -mfma -mf16c -mavx512f -mavx512bw -mavx512dq -mavx512vl
endif

# The stack that GCC's sanitizer looks for use after return in is aligned to 32 bytes, one of these
# vectors to 64.
ifneq ($(findstring gcc,$(shell $(CC) --version)),)
asan_engine/tensor/kernels_avx512.c_FLAGS := --param=asan-use-after-return=0
endif

release_CC := $(CC)
release_CFLAGS := $(COMMON) -O3 -DNDEBUG $(CFLAGS)
release_LDFLAGS := $(LDFLAGS)
test_CC := $(CC)
test_CFLAGS := $(COMMON) -O1 -g $(CFLAGS)
test_LDFLAGS := $(LDFLAGS)
asan_CC := $(CC)
asan_CFLAGS := $(COMMON) -O1 -g $(SANITIZE) $(CFLAGS)
asan_LDFLAGS := $(SANITIZE) $(LDFLAGS)
fuzz_CC := clang
fuzz_CFLAGS := $(COMMON) -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link $(CFLAGS)
fuzz_LDFLAGS := $(SANITIZE) -fsanitize=fuzzer $(LDFLAGS)

find = $(sort $(shell find $(1) -name '*.c' 2>/dev/null))
ENGINE := $(call find,engine)
APP := $(filter-out app/main.c,$(call find,app))
TESTS := $(sort $(wildcard tests/test_*.c))
TEST_HELP := $(filter-out $(TESTS),$(sort $(wildcard tests/*.c)))
FUZZERS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(sort $(wildcard tests/bench/*.c))
C_FILES := $(sort $(shell find engine app tests -name '*.[ch]' 2>/dev/null))

objects = $(patsubst %.c,build/obj/$(1)/%.o,$(2))

program: build/attnscope
tests: program build/asan/attnscope layers-engine
tests: $(TESTS:tests/%.c=build/test/%) $(TESTS:tests/%.c=build/asan/%)
tests: $(FUZZERS:tests/fuzz/%.c=build/asan/%)
fuzzers: $(FUZZERS:tests/fuzz/%.c=build/fuzz/%)
bench: program $(BENCHES:tests/bench/%.c=build/bench/%)

# A program looks for ../assets and ../lessons; these serve those that are not in build/ itself.
build/assets build/lessons: build/%:
	@mkdir -p $(@D)
	@ln -sfn ../$* $@

# A list of words in a file that changes only when the list does.
keep_words = mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# $(1) is a flavour, $(2) the folder of its programs. What they all share is one archive.
define FLAVOUR_RULES
-include $$(patsubst %.o,%.d,$$(call objects,$(1),$$(call find,engine app tests)))

.PRECIOUS: build/obj/$(1)/%.o
build/obj/$(1)/%.o: %.c build/obj/$(1)/flags
	@mkdir -p $$(@D)
	@echo "  $(1)  $$<"
	@$$($(1)_CC) $$($(1)_CFLAGS) $$($$<_FLAGS) $$($(1)_$$<_FLAGS) $$(WERROR) -MMD -MP -c -o $$@ $$<

build/obj/$(1)/flags: FORCE
	@$$(call keep_words,$$($(1)_CC) $$($(1)_CFLAGS) $$($(1)_LDFLAGS))
build/obj/$(1)/sources: FORCE
	@$$(call keep_words,$$(ENGINE) $$(APP))

build/obj/$(1)/all.a: build/obj/$(1)/sources $$(call objects,$(1),$$(ENGINE) $$(APP))
	@rm -f $$@
	@ar rcs $$@ $$(filter %.o,$$^)

$(2)/attnscope: build/obj/$(1)/app/main.o build/obj/$(1)/all.a | build/assets build/lessons
	@mkdir -p $$(@D)
	@$$($(1)_CC) $$($(1)_LDFLAGS) -o $$@ $$^ $$(LIBS)

build/$(1)/test_%: build/obj/$(1)/tests/test_%.o $$(call objects,$(1),$$(TEST_HELP)) \
		build/obj/$(1)/all.a | build/assets build/lessons
	@mkdir -p $$(@D)
	@$$($(1)_CC) $$($(1)_LDFLAGS) -o $$@ $$^ $$(TEST_LIBS) $$(LIBS)
endef
$(eval $(call FLAVOUR_RULES,release,build))
$(eval $(call FLAVOUR_RULES,test,build/test))
$(eval $(call FLAVOUR_RULES,asan,build/asan))
$(eval $(call FLAVOUR_RULES,fuzz,build/fuzz))

build/asan/fuzz_%: build/obj/asan/tests/fuzz/fuzz_%.o build/obj/asan/tests/fuzz/replay.o build/obj/asan/all.a
	@mkdir -p $(@D)
	@$(asan_CC) $(asan_LDFLAGS) -o $@ $^ $(LIBS)

build/fuzz/fuzz_%: build/obj/fuzz/tests/fuzz/fuzz_%.o build/obj/fuzz/all.a
	@mkdir -p $(@D)
	@$(fuzz_CC) $(fuzz_LDFLAGS) -o $@ $^ $(LIBS)

# The whole engine, object by object, without the app's libraries: `make layers` looks into it.
layers-engine: build/test/engine_alone
build/test/engine_alone: build/obj/test/tests/tools/engine_alone.o $(call objects,test,$(ENGINE))
	@mkdir -p $(@D)
	@$(test_CC) $(test_LDFLAGS) -o $@ $^ $(ENGINE_LIBS)

build/bench/%: build/obj/release/tests/bench/%.o build/obj/release/all.a | build/assets build/lessons
	@mkdir -p $(@D)
	@$(release_CC) $(release_LDFLAGS) -o $@ $^ $(LIBS)

# What Attnscope is measured against may use all that the compiler has, and is linked with what the
# product is never linked with.
YARDSTICKS := build/bench/openblas_forward build/bench/llama_decode build/bench/memory
tests/bench/llama_decode.c_FLAGS := -fopenmp
build/bench/openblas_forward: YARDSTICK_LIBS := -lopenblas
$(YARDSTICKS): build/bench/%: tests/bench/%.c tests/bench/yardstick.h build/obj/release/all.a
	@mkdir -p $(@D)
	@echo "  bench  $<"
	@$(CC) -std=c11 -D_GNU_SOURCE -I. $(SYSTEM_FLAGS) $(WARNINGS) $(WERROR) -Ofast -march=native \
		-fopenmp -pthread -o $@ $< build/obj/release/all.a $(YARDSTICK_LIBS) $(ENGINE_LIBS)

# What clang-tidy checks stands in .clang-tidy. cppcheck's uninitvar is left to the compilers: it
# takes an array that a loop fills for one that was never set.
LINT := $(filter %.c,$(C_FILES))
TIDY := $(ENGINE) $(APP) $(wildcard app/main.c)
lint: lint-cppcheck $(LINT:%=lint-clang/%) $(TIDY:%=lint-tidy/%)
$(LINT:%=lint-clang/%): lint-clang/%: %
	@clang -fsyntax-only -Werror $(COMMON) $($<_FLAGS) $<
$(TIDY:%=lint-tidy/%): lint-tidy/%: %
	@echo "  tidy  $<"
	@mkdir -p $(dir build/lint/$<)
	@clang-tidy --quiet $< -- $(COMMON) $($<_FLAGS) >build/lint/$<.log 2>&1 || \
		{ grep -E ': (warning|error): ' build/lint/$<.log; echo "more in build/lint/$<.log"; exit 1; }
lint-cppcheck:
	@cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --inline-suppr -I. \
		--enable=warning,performance,portability --suppress=missingIncludeSystem --suppress=uninitvar \
		--template='{file}:{line}: {severity}: {message} [{id}]' engine app

format:
	@clang-format -i $(C_FILES)
format-check:
	@clang-format --dry-run -Werror $(C_FILES)

.PHONY: program tests fuzzers layers-engine bench lint lint-cppcheck format format-check FORCE \
	$(LINT:%=lint-clang/%) $(TIDY:%=lint-tidy/%)
