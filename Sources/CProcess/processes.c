#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "processes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

// A process that was told to stop may still be inside a fork; so long a look is repeated.
enum { FREEZE_ROUNDS = 400, FREEZE_PAUSE_MS = 1 };

bool process_set_add(struct process_set *set, struct process process) {
    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i].pid == process.pid && set->items[i].start == process.start) return false;
    }
    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? 32 : set->capacity * 2;
        struct process *items = realloc(set->items, capacity * sizeof *items);
        // Without memory it is left for the next round, which starts with an empty set.
        if (items == NULL) return false;
        set->items = items;
        set->capacity = capacity;
    }
    set->items[set->count++] = process;
    return true;
}

void process_set_free(struct process_set *set) {
    free(set->items);
    *set = (struct process_set){0};
}

void pause_ms(int64_t milliseconds) {
    struct timespec time = {milliseconds / 1000, (milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

int64_t linecook_uptime_ms(void) {
    struct timespec time;
#ifdef __APPLE__
    clock_gettime(CLOCK_UPTIME_RAW, &time);
#else
    clock_gettime(CLOCK_MONOTONIC, &time);  // does not count a suspended machine: clock_gettime(2)
#endif
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int linecook_start_time(pid_t pid, uint64_t *start, bool *ended) {
    struct process_facts facts;
    int error = process_facts_of(pid, &facts);
    if (error != 0) return error;
    *start = facts.start;
    *ended = facts.ended;
    return 0;
}

int linecook_reap(pid_t pid, int *code, int *signal) {
    int status;
    pid_t found;
    do found = waitpid(pid, &status, WNOHANG); while (found == -1 && errno == EINTR);
    if (found == -1) return errno;
    if (found == 0) return EAGAIN;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

void linecook_collect(pid_t pid) {
    while (waitpid(pid, NULL, 0) == -1 && errno == EINTR) continue;
}

void freeze_and_kill(collect_function *collect, const void *context, struct process_set *met) {
    struct process_set frozen = {0};
    for (int round = 0; round < FREEZE_ROUNDS; round++) {
        struct process_set now = {0};
        bool settled = true;
        collect(&now, context);
        for (size_t i = 0; i < now.count; i++) {
            struct process_facts facts;
            process_set_add(met, now.items[i]);
            bool is_new = process_set_add(&frozen, now.items[i]);
            if (process_facts_of(now.items[i].pid, &facts) != 0) continue;
            if (facts.start != now.items[i].start || facts.ended) continue;
            if (facts.stopped && !is_new) continue;
            if (!facts.stopped) linecook_signal(now.items[i].pid, now.items[i].start, SIGSTOP);
            settled = false;
        }
        process_set_free(&now);
        if (settled) break;
        if (round > 0) pause_ms(FREEZE_PAUSE_MS);
    }
    for (size_t i = 0; i < frozen.count; i++) {
        linecook_signal(frozen.items[i].pid, frozen.items[i].start, SIGKILL);
    }
    process_set_free(&frozen);
}
