# engraft - make all | test | check | demo | bench | fuzz | lint | rooms | format | install | deps
# MODE=release (default), asan, tsan, debug.  Objects live in build/MODE.

MODE    ?= release
B       := build/$(MODE)
PREFIX  ?= /usr/local
ifeq ($(origin CC),default)
CC      := gcc
endif
PKGS    := jansson libutf8proc zlib

OPT_release := -O2 -DNDEBUG -D_FORTIFY_SOURCE=2
OPT_debug   := -O0 -g
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_tsan    := -O1 -g -fsanitize=thread
WARN := -Wall -Wextra -Wshadow -Wvla -Wundef -Wwrite-strings -Wstrict-prototypes \
        -Wmissing-prototypes -Wdouble-promotion -Wfloat-conversion -Wformat=2 -Werror
CFLAGS_ALL := -std=c17 -ffp-contract=off -fvisibility=hidden -fno-math-errno -D_GNU_SOURCE \
        -Iinclude -Isrc $(OPT_$(MODE)) $(WARN) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
LIBS := $(shell pkg-config --libs $(PKGS)) -lm -lpthread $(LDFLAGS)

ISA_scalar := -mno-avx
ISA_avx2   := -mavx2 -mfma -mf16c
ISA_avx512 := -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c

MAINS    := $(wildcard src/*/*_main.c)
LIB_SRC  := $(filter-out %.simd.c $(MAINS) src/cli/%,$(wildcard src/*/*.c))
SIMD_SRC := $(wildcard src/*/*.simd.c)
CLI_SRC  := $(wildcard src/cli/*.c)
TEST_SRC := $(wildcard tests/*.c tests/*/*.c)

LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(foreach i,scalar avx2 avx512,$(SIMD_SRC:%.simd.c=$(B)/%.$(i).o))
CLI_OBJ  := $(CLI_SRC:%.c=$(B)/%.o)
TEST_OBJ := $(TEST_SRC:%.c=$(B)/%.o)

.PHONY: all test check demo bench fuzz lint rooms format install deps clean
all: $(B)/engraft $(B)/engraft-pull

$(B)/libengraft.a: $(LIB_OBJ)
	@rm -f $@; ar rcs $@ $^

$(B)/engraft: $(CLI_OBJ) $(B)/libengraft.a
	$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/engraft-pull: $(B)/src/hub/pull_main.o $(B)/libengraft.a
	$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/tests/run: $(TEST_OBJ) $(B)/libengraft.a
	$(CC) $(CFLAGS_ALL) -o $@ $(TEST_OBJ) $(B)/libengraft.a $(LIBS)

$(B)/%.scalar.o: %.simd.c
	@mkdir -p $(@D); $(CC) $(CFLAGS_ALL) $(ISA_scalar) -DSIMD_ISA=scalar -MMD -c $< -o $@
$(B)/%.avx2.o: %.simd.c
	@mkdir -p $(@D); $(CC) $(CFLAGS_ALL) $(ISA_avx2) -DSIMD_ISA=avx2 -MMD -c $< -o $@
$(B)/%.avx512.o: %.simd.c
	@mkdir -p $(@D); $(CC) $(CFLAGS_ALL) $(ISA_avx512) -DSIMD_ISA=avx512 -MMD -c $< -o $@
$(B)/tests/%.o: CFLAGS_ALL += -Itests
$(B)/%.o: %.c
	@mkdir -p $(@D); $(CC) $(CFLAGS_ALL) -MMD -c $< -o $@

test: $(B)/tests/run
	$(B)/tests/run $(T)

# What a bare Debian 12 lacks is named, asked for on a terminal (YES=1 or root without a terminal goes on).
deps:
	@tools/deps.sh

check: deps
	$(MAKE) test rooms

demo: deps
	$(MAKE) all
	tools/demo.sh $(B)

clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TEST_OBJ:.o=.d)
