#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cgroup.h"
#include "processes.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 10, GIVE_UP_MS = 30000 };

static bool is_own_line(pid_t pid) {
    struct process_facts facts;
    for (pid_t own = getpid(); own > 1; own = facts.parent) {
        if (own == pid) return true;
        if (process_facts_of(own, &facts) != 0) return false;
    }
    return false;
}

static void add_group(struct cgroup *group, void *context) {
    struct process_set in_group = {0};
    cgroup_add(&in_group, group);
    for (size_t i = 0; i < in_group.count; i++) {
        if (!is_own_line(in_group.items[i].pid)) process_set_add(context, in_group.items[i]);
    }
    process_set_free(&in_group);
}

static void kill_group(struct cgroup *group, void *context) {
    (void)context;
    struct process_set in_group = {0};
    bool has_own = false;
    cgroup_add(&in_group, group);
    for (size_t i = 0; i < in_group.count; i++) has_own |= is_own_line(in_group.items[i].pid);
    process_set_free(&in_group);
    if (!has_own) cgroup_kill(group);
}

static void remove_group(struct cgroup *group, void *context) {
    (void)context;
    cgroup_remove(group);
}

/// The marker in `LINECOOK_ATTEMPT=marker`.
static const char *marker_of(const char *entry) {
    const char *sign = strchr(entry, '=');
    return sign == NULL ? "" : sign + 1;
}

/// The marked ones and their descendants: a descendant may have been given another environment.
static void collect_marked(struct process_set *set, const void *entry) {
    struct process_set marked = {0};
    add_marked(&marked, entry);
    cgroup_each_marked(marker_of(entry), add_group, &marked);
    for (size_t i = 0; i < marked.count; i++) {
        if (is_own_line(marked.items[i].pid)) continue;
        process_set_add(set, marked.items[i]);
        struct process_set below = {0};
        add_descendants(&below, marked.items[i].pid);
        for (size_t j = 0; j < below.count; j++) {
            struct process_facts facts;
            if (is_own_line(below.items[j].pid)) continue;
            if (process_facts_of(below.items[j].pid, &facts) != 0 || facts.ended) continue;
            process_set_add(set, below.items[j]);
        }
        process_set_free(&below);
    }
    process_set_free(&marked);
}

static size_t count_alive(const struct process_set *set) {
    size_t alive = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct process_facts facts;
        if (process_facts_of(set->items[i].pid, &facts) != 0) continue;
        if (facts.start == set->items[i].start && !facts.ended) alive++;
    }
    return alive;
}

void linecook_sweep(const char *entry, int64_t grace_ms, int *swept, int *survivors) {
    struct process_set met = {0}, now = {0};
    collect_marked(&met, entry);
    for (size_t i = 0; i < met.count; i++) {
        linecook_signal(met.items[i].pid, met.items[i].start, SIGTERM);
        linecook_signal(met.items[i].pid, met.items[i].start, SIGCONT);
    }
    int64_t until = linecook_uptime_ms() + grace_ms;
    while (count_alive(&met) > 0 && linecook_uptime_ms() < until) pause_ms(LOOK_AGAIN_MS);

    until = linecook_uptime_ms() + GIVE_UP_MS;
    for (;;) {
        process_set_free(&now);
        // Those met before count too: one may have changed its environment since.
        collect_marked(&now, entry);
        if ((now.count == 0 && count_alive(&met) == 0) || linecook_uptime_ms() >= until) break;
        cgroup_each_marked(marker_of(entry), kill_group, NULL);
        freeze_and_kill(collect_marked, entry, &met);
        for (size_t i = 0; i < met.count; i++) {
            linecook_signal(met.items[i].pid, met.items[i].start, SIGKILL);
        }
        if (count_alive(&met) > 0) pause_ms(LOOK_AGAIN_MS);
    }
    cgroup_each_marked(marker_of(entry), remove_group, NULL);
    for (size_t i = 0; i < now.count; i++) process_set_add(&met, now.items[i]);
    *swept = (int)met.count;
    *survivors = (int)count_alive(&met);
    process_set_free(&met);
    process_set_free(&now);
}
