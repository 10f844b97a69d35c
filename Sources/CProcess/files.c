#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

int linecook_socketpair(int *ours, int *theirs) {
    int pair[2];
#ifdef SOCK_CLOEXEC
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1) return errno;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1) return errno;
    for (int i = 0; i < 2; i++) {
        int on = 1;
        fcntl(pair[i], F_SETFD, FD_CLOEXEC);
        setsockopt(pair[i], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    }
#endif
    *ours = pair[0];
    *theirs = pair[1];
    return 0;
}

int linecook_own_pid(void) { return getpid(); }

int linecook_own_executable(char *buffer, size_t size) {
#ifdef __APPLE__
    uint32_t length = (uint32_t)size;
    return _NSGetExecutablePath(buffer, &length) == 0 ? 0 : ENAMETOOLONG;
#else
    // The very file that runs, also when another has taken its name since.
    static const char path[] = "/proc/self/exe";
    if (size < sizeof path) return ENAMETOOLONG;
    memcpy(buffer, path, sizeof path);
    return 0;
#endif
}

bool linecook_is_program(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

bool linecook_is_at(int file, const char *path) {
    struct stat open, named;
    return fstat(file, &open) == 0 && stat(path, &named) == 0 && open.st_dev == named.st_dev
        && open.st_ino == named.st_ino;
}

void linecook_close(int file) { close(file); }

int linecook_pipe(int *reading, int *writing) {
    int ends[2];
#ifdef __linux__
    if (pipe2(ends, O_CLOEXEC) == -1) return errno;
#else
    if (pipe(ends) == -1) return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

int linecook_send(int socket, const void *bytes, size_t count) {
#ifdef MSG_NOSIGNAL
    int flags = MSG_NOSIGNAL;
#else
    int flags = 0;  // SO_NOSIGPIPE is set
#endif
    for (size_t sent = 0; sent < count;) {
        ssize_t part = send(socket, (const char *)bytes + sent, count - sent, flags);
        if (part == -1 && errno == EINTR) continue;
        if (part == -1) return errno;
        sent += (size_t)part;
    }
    return 0;
}

void linecook_wait(const int *files, size_t count, int64_t timeout_ms, bool *ready) {
    struct pollfd polled[8];
    if (count > 8) count = 8;
    for (size_t i = 0; i < count; i++) polled[i] = (struct pollfd){files[i], POLLIN, 0};
    int timeout = timeout_ms > 86400000 ? 86400000 : timeout_ms < 0 ? -1 : (int)timeout_ms;
    int found = poll(polled, (nfds_t)count, timeout);
    for (size_t i = 0; i < count; i++) ready[i] = found > 0 && polled[i].revents != 0;
}

#ifdef F_OFD_SETLK
// Locks of the open file (fcntl(2)): unlike flock they can be asked for without being taken, so
// that a look never makes another's try fail.
int linecook_lock(int file, bool wait) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result;
    do result = fcntl(file, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    while (result == -1 && errno == EINTR);
    if (result == 0) return 0;
    return errno == EACCES ? EAGAIN : errno;
}

int linecook_unlock(int file) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    return fcntl(file, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

int linecook_is_locked(int file, bool *locked) {
    // Asked as a writer even through a file opened for reading: nothing is taken.
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_OFD_GETLK, &lock) == -1) return errno;
    *locked = lock.l_type != F_UNLCK;
    return 0;
}
#else
int linecook_lock(int file, bool wait) {
    int result;
    do result = flock(file, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (result == -1 && errno == EINTR);
    if (result == 0) return 0;
    return errno == EWOULDBLOCK ? EAGAIN : errno;
}

int linecook_unlock(int file) { return flock(file, LOCK_UN) == 0 ? 0 : errno; }

int linecook_is_locked(int file, bool *locked) {
    *locked = flock(file, LOCK_SH | LOCK_NB) == -1;
    if (!*locked) flock(file, LOCK_UN);
    return 0;
}
#endif
