#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Above every descriptor that a child is given.
enum { FIRST_SAFE = 10 };

#ifdef __APPLE__
#define LOADER_PATH "DYLD_LIBRARY_PATH"
#else
#define LOADER_PATH "LD_LIBRARY_PATH"
#endif

/// Cuts `count` strings out of a block, as argv and envp want them, with room for one more.
static char **pointers_to(const char **strings, size_t count) {
    char **pointers = calloc(count + 2, sizeof *pointers);
    if (pointers == NULL) return NULL;
    for (size_t i = 0; i < count; i++) {
        pointers[i] = (char *)(uintptr_t)*strings;
        *strings += strlen(*strings) + 1;
    }
    return pointers;
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
#ifdef __APPLE__
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) error = posix_spawnattr_setflags(attributes, flags);
    return error;
}

int linecook_spawn(const struct linecook_spawn *request, pid_t *pid) {
    const char *strings = request->strings;
    char **arguments = pointers_to(&strings, request->argc);
    char **environment = pointers_to(&strings, request->envc);
    int sources[4] = {request->input, request->output, request->errors, request->control};
    int count = request->control == -1 ? 3 : 4;
    int copies[4] = {-1, -1, -1, -1};
    int error = arguments == NULL || environment == NULL ? ENOMEM : 0;

    char *loader_entry = NULL;
    const char *loader_path = request->loader_path ? getenv(LOADER_PATH) : NULL;
    if (loader_path != NULL && error == 0) {
        size_t size = sizeof LOADER_PATH + 1 + strlen(loader_path);
        loader_entry = malloc(size);
        if (loader_entry == NULL) {
            error = ENOMEM;
        } else {
            snprintf(loader_entry, size, LOADER_PATH "=%s", loader_path);
            environment[request->envc] = loader_entry;
        }
    }

    // A source below 4 would be overwritten by an earlier step; a copy is out of the way.
    for (int i = 0; i < count && error == 0; i++) {
        copies[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, FIRST_SAFE);
        if (copies[i] == -1) error = errno;
    }
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    if (error == 0) error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = posix_spawn_file_actions_init(&actions);
        if (error == 0) {
            error = set_attributes(&attributes);
            for (int i = 0; i < count && error == 0; i++) {
                error = posix_spawn_file_actions_adddup2(&actions, copies[i], i);
            }
            if (error == 0 && request->directory != NULL) {
                error = posix_spawn_file_actions_addchdir_np(&actions, request->directory);
            }
#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
            if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, count);
#endif
#endif
            if (error == 0) {
                error = posix_spawn(
                    pid, request->path, &actions, &attributes, arguments, environment);
            }
            posix_spawn_file_actions_destroy(&actions);
        }
        posix_spawnattr_destroy(&attributes);
    }
    for (int i = 0; i < count; i++) {
        if (copies[i] != -1) close(copies[i]);
    }
    free(loader_entry);
    free(arguments);
    free(environment);
    return error;
}
