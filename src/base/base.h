/* base.h - the ground: errors, memory, files, bytes, threads, random numbers.  Everything fallible
 * returns a Status and takes Err * first; everything returned lives in the Arena it was given. */
#ifndef BASE_H
#define BASE_H

#include "engraft.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define LEN(a)       (sizeof(a) / sizeof((a)[0]))

/* ---- errors (err.c): one primary line, then labelled lines.  The codes are the exit codes. ---- */

typedef int Status;

enum { /* the public codes, without the prefix that nothing private needs */
       E_OK = EG_OK,
       E_USAGE = EG_EUSAGE,
       E_DATA = EG_EDATA,
       E_NOINPUT = EG_ENOINPUT,
       E_UNAVAILABLE = EG_EUNAVAILABLE,
       E_INTERNAL = EG_EINTERNAL,
       E_HARDWARE = EG_EHARDWARE,
       E_TAKEN = EG_ETAKEN,
       E_IO = EG_EIO,
       E_STOPPED = EG_ESTOPPED,
};

typedef struct Err {
    Status code;
    size_t used;
    char text[4000];
} Err;

#define TRY(call)                                                                                  \
    do {                                                                                           \
        Status try_status_ = (call);                                                               \
        if (try_status_)                                                                           \
            return try_status_;                                                                    \
    } while (0)

/* fail records the primary line (and forgets what e held); err_note adds "  label     text"; err_while
 * adds "  while     text".  All return e->code, so `return fail(...)` and `return err_note(...)` read well. */
Status fail(Err *e, Status code, const char *fmt, ...) PRINTF(3, 4);
Status err_note(Err *e, const char *label, const char *fmt, ...) PRINTF(3, 4);
Status err_while(Err *e, const char *fmt, ...) PRINTF(2, 3);

/* A failure is never 0, and compilers see it: after TRY what a call was to give is known to be there. */
static inline Status err_failed(Status s)
{
    return s ? s : E_INTERNAL;
}
#define fail(...)      err_failed(fail(__VA_ARGS__))
#define err_note(...)  err_failed(err_note(__VA_ARGS__))
#define err_while(...) err_failed(err_while(__VA_ARGS__))

/* ---- the system (sys.c): every allocation and file operation of ours goes through one table ---- */

typedef struct Sys Sys; /* sys.h has the table and the fault-injecting one */
const Sys *sys_real(void);

/* ---- arenas (arena.c): memory by lifetime.  They own files, maps and threads through clean-ups. ---- */

typedef struct Arena Arena;

Arena *arena_new(Err *e, const Sys *sys);  /* NULL with e set when memory is refused */
Arena *arena_child(Err *e, Arena *parent); /* freed with its parent, or before */
void arena_free(Arena *a);                 /* clean-ups run last first; NULL is fine */
const Sys *arena_sys(const Arena *a);
void *arena_alloc(Err *e, Arena *a, size_t size); /* zeroed; 64-byte aligned; NULL with e set */
void *arena_array(Err *e, Arena *a, size_t n, size_t size); /* checked n * size */
/* Grow an array obtained from arena_array to hold `want` elements, doubling; *cap is updated. */
Status arena_grow(Err *e, Arena *a, void **array, size_t *cap, size_t want, size_t size);
char *arena_strndup(Err *e, Arena *a, const char *s, size_t n);
char *arena_printf(Err *e, Arena *a, const char *fmt, ...) PRINTF(3, 4);
Status arena_defer(Err *e, Arena *a, void (*fn)(void *), void *arg);

#define NEW(e, a, T)     ((T *)arena_alloc((e), (a), sizeof(T)))
#define NEWS(e, a, T, n) ((T *)arena_array((e), (a), (size_t)(n), sizeof(T)))
#define GROW(e, a, array, cap, want)                                                               \
    arena_grow((e), (a), (void **)&(array), &(cap), (size_t)(want), sizeof((array)[0]))

/* One large block asked for by a plan: huge pages where the system gives them; `what` is for the message. */
Status block_alloc(Err *e, Arena *a, size_t size, const char *what, void **out);

/* ---- files (file.c) ---- */

typedef struct Bytes {
    const uint8_t *data;
    size_t n;
} Bytes;

typedef struct File File;

Status file_open(Err *e, Arena *a, const char *path, File **out); /* regular files only */
const char *file_path(const File *f);
int64_t file_size(const File *f);
/* All n bytes or an error. */
Status file_read_at(Err *e, File *f, int64_t offset, void *buf, size_t n);
Status file_map(Err *e, File *f, Bytes *out); /* read-only, whole file */
void file_forget(File *f); /* what was mapped takes no memory until it is read again */
/* At most cap bytes, with a NUL after the end. */
Status file_read_all(Err *e, Arena *a, const char *path, size_t cap, Bytes *out);

/* Buffered, to a new file; nothing is visible under `path` before writer_commit. */
typedef struct Writer Writer;

Status writer_open(Err *e, Arena *a, const char *path, Writer **out); /* path.tmp.<rand>, O_EXCL */
Status writer_put(Err *e, Writer *w, const void *data, size_t n);
Status writer_printf(Err *e, Writer *w, const char *fmt, ...) PRINTF(3, 4);
Status writer_commit(Err *e, Writer *w); /* fsync, rename onto path, fsync the folder */

typedef enum { PATH_NONE, PATH_FILE, PATH_DIR, PATH_OTHER } PathKind;

PathKind path_kind(const Sys *sys, const char *path);
/* The same, but an error when that cannot be told.  id: equal for two paths that lead to one file or folder; NULL. */
Status path_look(Err *e, const Sys *sys, const char *path, PathKind *kind, uint64_t id[2]);
/* *here: a file is there.  E_IO when that cannot be told: what may be absent must not be taken for absent. */
Status path_file(Err *e, const Sys *sys, const char *path, bool *here);
char *path_join(Err *e, Arena *a, const char *dir, const char *name);
const char *path_base(const char *path);
/* All but . and .., sorted by bytes. */
Status dir_list(Err *e, Arena *a, const char *path, char ***names, size_t *n);
Status dir_make(Err *e, const Sys *sys, const char *path); /* parents too */
Status dir_sync(Err *e, const Sys *sys, const char *path);
Status path_rename(Err *e, const Sys *sys, const char *from, const char *to);
/* What lies in the folder `from` goes over what has its name in `to`; then `from` is removed.  Cut off, the same call
 * completes it. */
Status dir_move_over(Err *e, Arena *a, const char *from, const char *to);
/* A file, or a folder with all it holds; links are removed, not followed. */
Status path_remove(Err *e, const Sys *sys, const char *path);
/* An OFD lock on path/.lock, held by the arena; E_TAKEN names host and process. */
Status dir_lock(Err *e, Arena *a, const char *path);

/* A file without a name in `folder` (spill.c), for what does not fit into memory; any thread may put and get. */
typedef struct Spill Spill;

Status spill_open(Err *e, Arena *a, const char *folder, Spill **out);
Status spill_put(Err *e, Spill *s, const void *data, size_t n, int64_t *at);
Status spill_get(Err *e, const Spill *s, int64_t at, void *data, size_t n);

/* ---- bytes (cursor.c): the only way a parser reads.  Little-endian; errors name file and offset. ---- */

typedef struct Cursor {
    const char *file;
    const uint8_t *data;
    size_t n, at;
} Cursor;

Status cur_bytes(Err *e, Cursor *c, size_t n, const uint8_t **out);
Status cur_u8(Err *e, Cursor *c, uint8_t *out);
Status cur_u16(Err *e, Cursor *c, uint16_t *out);
Status cur_u32(Err *e, Cursor *c, uint32_t *out);
Status cur_u64(Err *e, Cursor *c, uint64_t *out);
Status cur_seek(Err *e, Cursor *c, uint64_t at);
/* E_DATA, with a line that names file and offset. */
Status cur_fail(Err *e, const Cursor *c, const char *fmt, ...) PRINTF(3, 4);
#define cur_fail(...) err_failed(cur_fail(__VA_ARGS__))

/* ---- JSON (json.c): a pull scanner for large or hostile text; offsets, caps, no recursion ---- */

typedef enum {
    JSON_END,
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
} JsonKind;

typedef struct JsonToken {
    JsonKind kind;
    size_t offset; /* of its first byte in the text */
    /* key or string: decoded UTF-8 with a NUL after the end, a copy in the arena; number: as written */
    const char *text;
    size_t len;
    double number;
    int64_t integer; /* when is_integer */
    bool is_integer; /* written without fraction or exponent and fits */
} JsonToken;

typedef struct JsonScan JsonScan;

#define JSON_DEPTH_MAX 64

/* `depth` at most JSON_DEPTH_MAX; 0 takes that.  `data` and `file` stay the caller's. */
Status json_open(Err *e, Arena *a, const char *file, const void *data, size_t n, int depth,
                 JsonScan **out);
/* Reads another value of the same text, bytes [from, end), the first of which stands in line `line`. */
void json_again(JsonScan *s, size_t from, size_t end, size_t line);
Status json_next(Err *e, JsonScan *s, JsonToken *t);
/* The rest of the value that `first` (or the key `first`) began. */
Status json_skip(Err *e, JsonScan *s, const JsonToken *first);
Status json_expect(Err *e, JsonScan *s, JsonKind kind, JsonToken *t);
Status json_fail(Err *e, const JsonScan *s, size_t offset, const char *fmt, ...) PRINTF(4, 5);
#define json_fail(...) err_failed(json_fail(__VA_ARGS__))

/* ---- names (map.c): byte string to integer, insertion order kept by the caller ---- */

typedef struct Map Map;

Map *map_new(Err *e, Arena *a, size_t expected);
/* Replaces.  The key is not copied. */
Status map_put(Err *e, Map *m, const char *key, size_t len, int64_t value);
bool map_get(const Map *m, const char *key, size_t len, int64_t *value);
size_t map_count(const Map *m);

/* ---- spelling (nearest.c) ---- */

typedef struct Near { /* what a mistyped word may have meant; name NULL: nothing we know */
    const char *name;
    int steps;
} Near;
/* Keeps `name` when word[0..n) is nearer to it than to what is kept. */
void near_keep(Near *near, const char *word, size_t n, const char *name);

/* ---- hashes (hash.c, sha256.c) ---- */

uint64_t hash_fnv1a(const void *data, size_t n, uint64_t seed); /* seed 0 starts a fresh one */
uint32_t hash_crc32(uint32_t crc, const void *data, size_t n);

typedef struct Sha256 {
    uint32_t h[8];
    uint64_t bytes;
    uint8_t block[64];
    bool by_instruction; /* the processor has instructions for it */
} Sha256;

void sha256_start(Sha256 *s);
void sha256_add(Sha256 *s, const void *data, size_t n);
void sha256_end(Sha256 *s, char hex[65]);
Status sha256_file(Err *e, Arena *a, const char *path, char hex[65]);

/* ---- random numbers (random.c): counter-based, nothing to save.  Philox4x32-7, Salmon et al. 2011 ---- */

void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
/* A fresh number for each (seed, purpose, index): 53 bits in [0, 1), and a standard normal deviate. */
double random_uniform(uint64_t seed, uint64_t purpose, uint64_t index);
double random_normal(uint64_t seed, uint64_t purpose, uint64_t index);
uint64_t random_purpose(const char *name);
/* Position of i in the keyed permutation of 0..n-1 (Feistel with cycle walking): an epoch's order. */
uint64_t random_permute(uint64_t i, uint64_t n, uint64_t key);

/* ---- threads (pool.c): chunks [begin, end) of `grain`, claimed by a counter; borders depend on n and
 * grain only, so results are the same for any number of threads.  `thread` is in 0..pool_threads-1. ---- */

typedef struct Pool Pool;
typedef void (*ParFn)(void *arg, int64_t begin, int64_t end, int thread);

/* 0 threads: one per core this process may use.  The threads end with the arena. */
Status pool_new(Err *e, Arena *a, int threads, Pool **out);
int pool_threads(const Pool *p);
void par_for(Pool *p, int64_t n, int64_t grain, ParFn fn, void *arg);

/* ---- a thread that works ahead (helper.c): jobs, which are numbers, in the order asked ---- */

typedef struct Helper Helper;
typedef void (*HelperFn)(void *arg, int64_t job);

/* At most `room` jobs wait or are at work.  The thread ends with the arena, after the job it is at. */
Status helper_new(Err *e, Arena *a, int64_t room, HelperFn fn, void *arg, Helper **out);
int64_t helper_ask(Helper *h, int64_t job);  /* a ticket, from 1; 0 when there is no room */
void helper_wait(Helper *h, int64_t ticket); /* until that job and all before it are done */

/* ---- the processor (cpu_isa.c) ---- */

typedef enum { ISA_SCALAR, ISA_AVX2, ISA_AVX512, ISA_COUNT } Isa;

Isa isa_best(void);
const char *isa_name(Isa isa);
bool isa_parse(const char *name, Isa *out);

/* ---- time (clock.c) ---- */

double clock_seconds(void); /* monotonic */
double clock_work(void);    /* of the processor for this process, all threads together */

#endif
/* SPDX-License-Identifier: MIT */
