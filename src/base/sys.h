/* sys.h - the one table of allocations and file operations of ours, and its fault-injecting twin.
 * Calls follow POSIX: -1 (or NULL) with errno set.  Those that only give back (free, munmap, close,
 * dir_close) are counted but never made to fail. */
#ifndef SYS_H
#define SYS_H

#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/base.h"

struct Sys {
    void *user;
    void *(*alloc)(void *user, size_t size); /* 64-byte aligned, not cleared */
    void (*free)(void *user, void *p);
    void *(*mmap)(void *user, size_t size,
                  int fd); /* fd -1: fresh zeroed pages; else the file, read-only */
    void (*munmap)(void *user, void *p, size_t size);
    int (*open)(void *user, const char *path, int flags, mode_t mode);
    void (*close)(void *user, int fd);
    ssize_t (*pread)(void *user, int fd, void *buf, size_t n, int64_t at);
    ssize_t (*pwrite)(void *user, int fd, const void *buf, size_t n, int64_t at);
    int (*fstat)(void *user, int fd, struct stat *st);
    int (*stat)(void *user, const char *path, bool follow, struct stat *st);
    int (*fsync)(void *user, int fd);
    int (*fallocate)(void *user, int fd, int64_t size);
    int (*rename)(void *user, const char *from, const char *to);
    int (*unlink)(void *user, const char *path);
    int (*mkdir)(void *user, const char *path, mode_t mode);
    int (*rmdir)(void *user, const char *path);
    int (*lock)(void *user, int fd); /* exclusive, owned by the open file, without waiting */
    void *(*dir_open)(void *user, const char *path);
    int (*dir_next)(void *user, void *dir, const char **name); /* 1, or 0 at the end */
    void (*dir_close)(void *user, void *dir);
};

typedef enum SysCall {
    SYS_ANY, /* in a plan of faults: whatever is called */
    SYS_ALLOC,
    SYS_MMAP,
    SYS_OPEN,
    SYS_PREAD,
    SYS_PWRITE,
    SYS_FSTAT,
    SYS_STAT,
    SYS_FSYNC,
    SYS_FALLOCATE,
    SYS_RENAME,
    SYS_UNLINK,
    SYS_MKDIR,
    SYS_RMDIR,
    SYS_LOCK,
    SYS_DIR_OPEN,
    SYS_DIR_NEXT,
    SYS_CALLS
} SysCall;

/* Fill the first block, call sys_faulty, use &f->sys.  `calls` counts the calls of the kind. */
typedef struct SysFaults {
    SysCall kind;
    int64_t at;    /* fail the at-th such call, from 1; 0: none */
    bool for_ever; /* and all later ones */
    int error;     /* the errno; 0: ENOMEM for memory, EIO for the rest */
    size_t piece;  /* most bytes a read or write moves; 0: all */
    _Atomic int64_t calls;
    _Atomic int64_t held; /* memory, maps, files and folders not given back */
    const Sys *under;
    Sys sys;
} SysFaults;

void sys_faulty(SysFaults *f, const Sys *under);
/* "read:3": fail the third read; "alloc:1+": the first and all later; "write:0": none, but count.  E_USAGE lists the
 * kinds.  Fills kind, at and for_ever. */
Status sys_faults_parse(Err *e, const char *text, SysFaults *out);

/* The primary line for a refused call: "could not open FILE: No such file or directory"; E_NOINPUT when
 * something is absent, E_TAKEN when in the way, E_INTERNAL for memory, else E_IO. */
Status fail_errno(Err *e, int error, const char *verb, const char *path);
#define fail_errno(...) err_failed(fail_errno(__VA_ARGS__))

#endif
/* SPDX-License-Identifier: MIT */
