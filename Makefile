# engraft - make all | test | check | demo | demo-photos | bench | evidence | fuzz | coverage | lint | rooms | format | install | deps
# MODE=release (default), asan, tsan, debug, coverage, fuzz.  Objects live in build/MODE.  V=1 shows the commands.
# make test T="PREFIX .." runs the tests so named; make fuzz SECONDS_EACH=60 gives each target a minute.

MODE    ?= release
B       := build/$(MODE)
PREFIX  ?= /usr/local
SECONDS_EACH ?= 10
ifeq ($(origin CC),default)
CC      := gcc
endif
Q       := $(if $(V),,@)
PKGS    := jansson libutf8proc zlib libjpeg libpng libwebp
VERSION := $(shell sed -n 's,.*return "\([0-9.]*\)";,\1,p' src/api/context.c)

# What hostile input meets in a release; tools/elf.sh reads it back from the programs.  Nothing of it costs a product.
HARD_release := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
LINK_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
OPT_release := -O2 -DNDEBUG -fPIC $(HARD_release)
OPT_debug   := -O0 -g
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_tsan    := -O1 -g -fsanitize=thread
OPT_coverage := -O0 -g -fprofile-arcs -ftest-coverage -fprofile-update=atomic
OPT_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
WARN := -Wall -Wextra -Wshadow -Wvla -Wundef -Wwrite-strings -Wstrict-prototypes \
        -Wmissing-prototypes -Wdouble-promotion -Wfloat-conversion -Wformat=2 -Werror
BASIC := -std=c17 -ffp-contract=off -fvisibility=hidden -fno-math-errno -D_GNU_SOURCE \
        -Iinclude -Isrc $(WARN) $(shell pkg-config --cflags $(PKGS))
CFLAGS_ALL := $(BASIC) $(OPT_$(MODE)) $(CFLAGS)
LIBS := $(shell pkg-config --libs $(PKGS)) -lm -lpthread $(LINK_$(MODE)) $(LDFLAGS)

# Kernels are unrolled by hand: undefined-behaviour checks on them take minutes to compile, so the vector builds are
# checked for addresses and threads alone, and the scalar build, the same source, not at all.
SIMD_asan   := -fno-sanitize=undefined
SIMD_coverage := -O1 -fno-profile-arcs -fno-test-coverage
SIMD_fuzz   := -fno-sanitize=undefined,address
ISA_scalar  := -mno-avx $(if $(filter asan tsan fuzz,$(MODE)),-fno-sanitize=all)
ISA_avx2   := -mavx2 -mfma -mf16c
ISA_avx512 := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c

LIB_SRC  := $(filter-out %.simd.c src/pull/% src/cli/%,$(wildcard src/*/*.c))
SIMD_SRC := $(wildcard src/*/*.simd.c)
CLI_SRC  := $(wildcard src/cli/*.c)
TEST_SRC := $(wildcard tests/*.c tests/*/*.c)
FUZZERS  := $(patsubst fuzz/%.c,%,$(filter-out fuzz/replay_main.c,$(wildcard fuzz/*.c)))

LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(foreach i,scalar avx2 avx512,$(SIMD_SRC:%.simd.c=$(B)/%.$(i).o))
CLI_OBJ  := $(CLI_SRC:%.c=$(B)/%.o)
PULL_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard src/pull/*.c))
TEST_OBJ := $(TEST_SRC:%.c=$(B)/%.o)
REPLAYS  := $(FUZZERS:%=$(B)/replay/%)

.PHONY: all test check demo demo-photos bench bench-transfer evidence bits fuzz fuzzers coverage memcheck lint rooms format install deps clean
.SECONDARY:
all: $(B)/engraft $(B)/engraft-pull

# parts.a is what the command and the tests link; libengraft.a is one object that shows eg_ names alone.
$(B)/parts.a: $(LIB_OBJ)
	$(Q)rm -f $@; ar rcs $@ $^
$(B)/libengraft.a: $(LIB_OBJ)
	$(Q)ld -r -o $(B)/engraft.o $^ && objcopy --localize-hidden $(B)/engraft.o
	$(Q)rm -f $@; ar rcs $@ $(B)/engraft.o
$(B)/engraft: $(CLI_OBJ) $(B)/parts.a
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)
# The only program that links libcurl, and so the only one that can reach a network.
$(B)/pull.a: $(PULL_OBJ) $(filter-out %/main.o,$(CLI_OBJ))
	$(Q)rm -f $@; ar rcs $@ $^
$(B)/engraft-pull: $(B)/src/pull/pull_main.o $(B)/pull.a $(B)/parts.a
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS) $(shell pkg-config --libs libcurl)
$(B)/tests/run: $(TEST_OBJ) $(B)/pull.a $(B)/parts.a
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)
$(B)/replay/%: $(B)/fuzz/%.o $(B)/fuzz/replay_main.o $(B)/pull.a $(B)/parts.a
	$(Q)mkdir -p $(@D); $(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)
build/fuzz/bin/%: build/fuzz/fuzz/%.o build/fuzz/pull.a build/fuzz/parts.a
	$(Q)mkdir -p $(@D); $(CC) $(CFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(B)/%.scalar.o: %.simd.c
	$(Q)mkdir -p $(@D); $(CC) $(CFLAGS_ALL) $(SIMD_$(MODE)) $(ISA_scalar) -DSIMD_ISA=scalar -MMD -c $< -o $@
$(B)/%.avx2.o: %.simd.c
	$(Q)mkdir -p $(@D); $(CC) $(CFLAGS_ALL) $(SIMD_$(MODE)) $(ISA_avx2) -DSIMD_ISA=avx2 -MMD -c $< -o $@
$(B)/%.avx512.o: %.simd.c
	$(Q)mkdir -p $(@D); $(CC) $(CFLAGS_ALL) $(SIMD_$(MODE)) $(ISA_avx512) -DSIMD_ISA=avx512 -MMD -c $< -o $@
$(B)/tests/%.o: CFLAGS_ALL += -Itests
$(B)/%.o: %.c
	$(Q)mkdir -p $(@D); $(CC) $(CFLAGS_ALL) -MMD -c $< -o $@

test: $(B)/tests/run all $(REPLAYS)
	@for f in $(if $(T),,$(FUZZERS)); do $(B)/replay/$$f tests/hostile/$$f fuzz/seeds/$$f || exit 1; done
	@$(B)/tests/run $(T)

# Us and PyTorch in turn; PYTHON is where the rival is installed, MODEL a folder of all-MiniLM-L6-v2.
PYTHON ?= python3
MODEL  ?= $(HOME)/.cache/engraft/models/all-MiniLM-L6-v2
TEXTS  ?= ../shared/data/text
PICTURES ?= ../shared/data/images
bench: all $(patsubst %.c,$(B)/%,$(wildcard bench/*.c)) # ONLY=input for a part, PAIRS=3 for less
	bench/compare.py $(B) $(MODEL) --python $(PYTHON) --sentences $(TEXTS)/sst2/train.tsv $(ONLY:%=--only %) $(PAIRS:%=--pairs %)
	bench/compare_pictures.py $(B) --python $(PYTHON) --pictures $(PICTURES)/ucmerced-subset/train $(ONLY:%=--only %) $(PAIRS:%=--pairs %)
bench-transfer: all
	bench/transfer.py $(B) $(MODEL) $(TEXTS) --python $(PYTHON)
evidence: all # reruns docs/RESULTS.md's tables on the sets at hand; ONLY=pictures SEEDS=1 SIZE=128 for less
	bench/evidence.py $(B) --pictures $(PICTURES) --texts $(TEXTS) --python $(PYTHON) $(ONLY:%=--only %) $(SEEDS:%=--seeds %) $(SIZE:%=--size %)
$(B)/bench/%: bench/%.c $(B)/parts.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)
bits: all # KIND=pictures: the same of EfficientNet-Lite0
	tools/bits.sh $(B) $(KILLS) $(KIND)

# Long inputs are the replay's: they would slow all others here.  Without clang, what `make MODE=asan test` replays is all there is.
fuzz:
	$(Q)$(MAKE) MODE=fuzz CC=clang fuzzers
	$(Q)for f in $(FUZZERS); do mkdir -p build/fuzz/corpus/$$f; \
	    build/fuzz/bin/$$f -max_total_time=$(SECONDS_EACH) -timeout=10 -rss_limit_mb=1024 -max_len=16384 \
	    -print_final_stats=1 -artifact_prefix=build/fuzz/$$f- build/fuzz/corpus/$$f $$(ls -d tests/hostile/$$f fuzz/seeds/$$f 2>/dev/null) || exit 1; done
fuzzers: $(FUZZERS:%=build/fuzz/bin/%)

coverage:
	$(Q)$(MAKE) MODE=coverage all build/coverage/tests/run $(FUZZERS:%=build/coverage/replay/%)
	@tools/coverage.sh $(FUZZERS)

# The command itself under valgrind, which knows AVX2 and no more: no error, and no byte lost or kept.
memcheck: $(B)/tests/run $(B)/engraft
	$(Q)EG_UNDER="env EG_ISA=avx2 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=all \
	    --errors-for-leak-kinds=all" $(B)/tests/run cli_absent cli_embed cli_info cli_learn cli_merge

rooms:
	@tools/rooms.sh
lint: rooms $(B)/parts.a
	@PARTS=$(B)/parts.a tools/lint.sh $(BASIC)
format:
	@git ls-files -co --exclude-standard '*.[ch]' | xargs clang-format -i

install: all $(B)/libengraft.a
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/engraft $(B)/engraft-pull $(DESTDIR)$(PREFIX)/bin
	install -D -m 644 $(B)/libengraft.a $(DESTDIR)$(PREFIX)/lib/libengraft.a
	install -D -m 644 include/engraft.h $(DESTDIR)$(PREFIX)/include/engraft.h
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),; s,@PKGS@,$(PKGS),' engraft.pc.in > $(B)/engraft.pc
	install -D -m 644 $(B)/engraft.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/engraft.pc

# What a bare Debian 12 lacks is named, asked for on a terminal (YES=1 or root without a terminal goes on).
deps:
	@tools/deps.sh

check: deps
	$(MAKE) test rooms

demo:
	@tools/deps.sh demo
	$(MAKE) all
	tools/demo.sh $(B)
	tools/demo_photos.sh $(B)

demo-photos: deps
	@test -n "$(DIR)" || { echo "make demo-photos DIR=photos/: a folder with one folder of pictures a class"; exit 2; }
	$(MAKE) all
	tools/demo_photos.sh $(B) "$(DIR)"

clean:
	rm -rf build

# A header that is gone is no reason to stop: what read it is built again.
%.h: ;
-include $(shell find $(B) -name '*.d' 2>/dev/null)
