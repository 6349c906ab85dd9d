/* Loaded before the C library (LD_PRELOAD): counts each step by which a process and its children change files below a folder,
 * logs it, and lets something happen at one of them.
 *
 *     kill    the process group is killed before the step; half of a write is done
 *     full    this step and all after it that take room fail with ENOSPC; half of the first write is done
 *     locked  this step and all after it fail with EROFS
 *     pause   the process group is stopped before the step (SIGSTOP)
 *
 * FAULTS names the file of the shared state, FAULTS_LOG the log: a line a step, its kind and paths between tabs.  Of the
 * writes to a FILE the first is counted, where the program calls fwrite. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state.h"

static struct faults *state;
static int log_file = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
    const char *const path = getenv("FAULTS"), *const log_path = getenv("FAULTS_LOG");
    if (!path || !log_path)
        return;
    const int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    void *const mapped = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    state = mapped == MAP_FAILED ? NULL : mapped;
}

/* The whole path of a name in the folder of dirfd; "" where it has none. */
static void whole_path(int dirfd, const char *name, char path[PATH_MAX])
{
    char of_folder[64], folder[PATH_MAX] = "";
    path[0] = '\0';
    if (name && name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return;
    }
    if (dirfd == AT_FDCWD) {
        if (!getcwd(folder, sizeof folder))
            return;
    } else {
        snprintf(of_folder, sizeof of_folder, "/proc/self/fd/%d", dirfd);
        const ssize_t size = readlink(of_folder, folder, sizeof folder - 1);
        if (size < 0)
            return;
        folder[size] = '\0';
    }
    if (strlen(folder) + strlen(name ? name : "") + 2 > PATH_MAX)
        return;
    strcat(strcpy(path, folder), name ? "/" : "");
    strcat(path, name ? name : "");
}

static bool is_below(const char *path)
{
    const size_t size = strlen(state->below);
    return size && !strncmp(path, state->below, size) && path[size] == '/';
}

enum outcome { DO, HALF, FAIL };

/* Counts a step that changes the file; what is to be done of it.  takes_room: fails on a full disk. */
static enum outcome step(const char *kind, const char *path, const char *other, bool takes_room)
{
    if (!state || !state->counting || !(is_below(path) || (other && is_below(other))))
        return DO;
    const uint32_t number = __atomic_fetch_add(&state->steps, 1, __ATOMIC_SEQ_CST) + 1;
    char line[2 * PATH_MAX + 32];
    const int size = snprintf(line, sizeof line, "%s\t%s\t%s\n", kind, path, other ? other : "");
    syscall(SYS_write, log_file, line, (size_t)size);
    const bool is_write = !strcmp(kind, "write");
    if (!state->at || number < state->at)
        return DO;
    switch (state->fault) {
    case FAULT_KILL:
        return number == state->at ? is_write ? HALF : FAIL : DO;
    case FAULT_PAUSE:
        if (number == state->at)
            kill(0, SIGSTOP);
        return DO;
    case FAULT_FULL:
        errno = ENOSPC;
        return !takes_room ? DO : is_write && number == state->at ? HALF : FAIL;
    default:
        errno = EROFS;
        return FAIL;
    }
}

/* Does not return if the process is to be killed at this step. */
static enum outcome step_or_die(const char *kind, const char *path, const char *other, bool takes_room)
{
    const enum outcome outcome = step(kind, path, other, takes_room);
    if (outcome == FAIL && state->fault == FAULT_KILL)
        kill(0, SIGKILL);
    return outcome;
}

static enum outcome step_of(const char *kind, int dirfd, const char *name, bool takes_room)
{
    char path[PATH_MAX];
    const int error = errno;
    if (!state || !state->counting)
        return DO;
    whole_path(dirfd, name, path);
    errno = error;
    return step_or_die(kind, path, NULL, takes_room);
}

/* --- opening */

/* A file without a name, O_TMPFILE, is nobody's output. */
static bool opens_to_write(int flags)
{
    if ((flags & O_TMPFILE) == O_TMPFILE)
        return false;
    return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
}

#define OPEN(name, first, pass, dirfd, path)                                                                                       \
    int name(first, int flags, ...)                                                                                                \
    {                                                                                                                              \
        va_list more;                                                                                                              \
        va_start(more, flags);                                                                                                     \
        const mode_t mode = va_arg(more, mode_t);                                                                                  \
        va_end(more);                                                                                                              \
        if (opens_to_write(flags) && step_of("open", dirfd, path, true) != DO)                                                     \
            return -1;                                                                                                             \
        return REAL(name)(pass, flags, mode);                                                                                      \
    }
#define TWO dirfd, path
#define TWO_PARAMETERS int dirfd, const char *path
OPEN(open, const char *path, path, AT_FDCWD, path)
OPEN(open64, const char *path, path, AT_FDCWD, path)
OPEN(openat, TWO_PARAMETERS, TWO, dirfd, path)
OPEN(openat64, TWO_PARAMETERS, TWO, dirfd, path)

#define FOPEN(name)                                                                                                                \
    FILE *name(const char *path, const char *mode)                                                                                 \
    {                                                                                                                              \
        if (strpbrk(mode, "wa+") && step_of("open", AT_FDCWD, path, true) != DO)                                                   \
            return NULL;                                                                                                           \
        return REAL(name)(path, mode);                                                                                             \
    }
FOPEN(fopen)
FOPEN(fopen64)

/* --- writing */

/* Ends where the process is to be killed in the middle of a write. */
static void end_if_killed(void)
{
    if (state->fault == FAULT_KILL)
        kill(0, SIGKILL);
}

#define WRITE(name, declaration, descriptor, whole, half)                                                                          \
    ssize_t name declaration                                                                                                       \
    {                                                                                                                              \
        const enum outcome outcome = step_of("write", descriptor, NULL, true);                                                     \
        if (outcome == FAIL)                                                                                                       \
            return -1;                                                                                                             \
        if (outcome == DO)                                                                                                         \
            return REAL(name) whole;                                                                                               \
        const ssize_t done = REAL(name) half;                                                                                      \
        end_if_killed();                                                                                                           \
        errno = ENOSPC;                                                                                                            \
        return done ? done : -1;                                                                                                   \
    }
WRITE(write, (int file, const void *data, size_t size), file, (file, data, size), (file, data, size / 2))
WRITE(pwrite, (int file, const void *data, size_t size, off_t at), file, (file, data, size, at), (file, data, size / 2, at))
WRITE(pwrite64, (int file, const void *data, size_t size, off64_t at), file, (file, data, size, at), (file, data, size / 2, at))
WRITE(sendfile, (int to, int from, off_t *at, size_t size), to, (to, from, at, size), (to, from, at, size > 4096 ? 4096 : size / 2))
WRITE(sendfile64, (int to, int from, off64_t *at, size_t size), to, (to, from, at, size), (to, from, at, size > 4096 ? 4096 : size / 2))
WRITE(copy_file_range, (int from, off64_t *in, int to, off64_t *out, size_t size, unsigned flags), to,
      (from, in, to, out, size, flags), (from, in, to, out, size > 4096 ? 4096 : size / 2, flags))

/* The FILE that was written last. */
static const FILE *last;

/* A step for each turn from one FILE to another: a linker writes its map a word at a time. */
size_t fwrite(const void *data, size_t size, size_t count, FILE *file)
{
    const enum outcome outcome = file == last ? DO : step_of("write", fileno(file), NULL, true);
    last = file;
    if (outcome == HALF)
        end_if_killed();
    return outcome == DO ? REAL(fwrite)(data, size, count, file) : 0;
}

/* The next FILE may be at the same address. */
int fclose(FILE *file)
{
    if (file == last)
        last = NULL;
    return REAL(fclose)(file);
}

/* --- everything else */

#define CHANGE(name, declaration, arguments, kind, dirfd, path, takes_room)                                                        \
    int name declaration                                                                                                           \
    {                                                                                                                              \
        return step_of(kind, dirfd, path, takes_room) == DO ? REAL(name) arguments : -1;                                           \
    }
CHANGE(fsync, (int file), (file), "fsync", file, NULL, true)
CHANGE(fdatasync, (int file), (file), "fsync", file, NULL, true)
CHANGE(syncfs, (int file), (file), "sync", file, NULL, true)
CHANGE(ftruncate, (int file, off_t size), (file, size), "write", file, NULL, true)
CHANGE(ftruncate64, (int file, off64_t size), (file, size), "write", file, NULL, true)
CHANGE(mkdir, (const char *path, mode_t mode), (path, mode), "mkdir", AT_FDCWD, path, true)
CHANGE(mkdirat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode), "mkdir", dirfd, path, true)
CHANGE(symlink, (const char *target, const char *path), (target, path), "open", AT_FDCWD, path, true)
CHANGE(unlink, (const char *path), (path), "remove", AT_FDCWD, path, false)
CHANGE(unlinkat, (int dirfd, const char *path, int flags), (dirfd, path, flags), "remove", dirfd, path, false)
CHANGE(rmdir, (const char *path), (path), "remove", AT_FDCWD, path, false)
CHANGE(chmod, (const char *path, mode_t mode), (path, mode), "mode", AT_FDCWD, path, false)
CHANGE(fchmod, (int file, mode_t mode), (file, mode), "mode", file, NULL, false)
CHANGE(fchmodat, (int dirfd, const char *path, mode_t mode, int flags), (dirfd, path, mode, flags), "mode", dirfd, path, false)

static enum outcome step_of_two(const char *kind, int dirfd, const char *name, int other_dirfd, const char *other_name)
{
    char path[PATH_MAX], other[PATH_MAX];
    if (!state || !state->counting)
        return DO;
    whole_path(dirfd, name, path);
    whole_path(other_dirfd, other_name, other);
    return step_or_die(kind, path, other, true);
}

int rename(const char *path, const char *other)
{
    return step_of_two("rename", AT_FDCWD, path, AT_FDCWD, other) == DO ? REAL(rename)(path, other) : -1;
}

int renameat(int dirfd, const char *path, int other_dirfd, const char *other)
{
    return step_of_two("rename", dirfd, path, other_dirfd, other) == DO ? REAL(renameat)(dirfd, path, other_dirfd, other) : -1;
}

int renameat2(int dirfd, const char *path, int other_dirfd, const char *other, unsigned flags)
{
    const char *const kind = flags & RENAME_EXCHANGE ? "exchange" : "rename";
    if (step_of_two(kind, dirfd, path, other_dirfd, other) != DO)
        return -1;
    return REAL(renameat2)(dirfd, path, other_dirfd, other, flags);
}
