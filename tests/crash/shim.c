/* Stands between the server and the C library, for the faults that a test cannot make from outside: a clock that is set
 * while the process runs, and writes that fail. What is to happen is in a small file that both sides map. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* As `tests/crash/faults/shim.rs` writes it. */
struct orders {
    volatile int64_t clock_seconds; /* how far the clock is ahead */
    volatile int64_t sync_fails;    /* every fsync is an input/output error */
    volatile int64_t short_writes;  /* of each write to the database half arrives, and then there is no space */
    volatile int64_t felt;          /* how often one of the two was felt */
};

static struct orders *orders;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("QUAYSIDE_TEST_SHIM");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) orders = map;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec *time) {
    static __typeof__(&clock_gettime) real;
    if (!real) real = REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && orders && clock == CLOCK_REALTIME) time->tv_sec += orders->clock_seconds;
    return result;
}

static int fails(void) {
    if (!orders || !orders->sync_fails) return 0;
    __sync_fetch_and_add(&orders->felt, 1);
    errno = EIO;
    return 1;
}

int fsync(int fd) {
    static __typeof__(&fsync) real;
    if (!real) real = REAL(fsync);
    return fails() ? -1 : real(fd);
}

int fdatasync(int fd) {
    static __typeof__(&fdatasync) real;
    if (!real) real = REAL(fdatasync);
    return fails() ? -1 : real(fd);
}

/* Only files of the database: sockets and logs go on. */
static int is_database(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, ".sqlite") != NULL;
}

static size_t cut(int fd, size_t count) {
    if (!orders || !orders->short_writes || count < 2 || !is_database(fd)) return count;
    __sync_fetch_and_add(&orders->felt, 1);
    return count / 2;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    static __typeof__(&write) real;
    if (!real) real = REAL(write);
    size_t some = cut(fd, count);
    if (some < count) {
        real(fd, bytes, some);
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    static __typeof__(&pwrite64) real;
    if (!real) real = REAL(pwrite64);
    size_t some = cut(fd, count);
    if (some < count) {
        real(fd, bytes, some, at);
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, count, at);
}
