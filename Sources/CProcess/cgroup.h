// A control group (cgroup v2) for one tree, where this user may make one: it is ended in one stroke, also
// when its supervisor is gone, and its memory may be bounded by the kernel.
#ifndef LINECOOK_CGROUP_H
#define LINECOOK_CGROUP_H

#include "processes.h"

#include <limits.h>

struct cgroup {
    char path[PATH_MAX];  // empty: there is none
    int entrance;         // writing 0 to it moves the caller in; -1: none
    bool bounds_memory;
};

/// Makes one for the tree of this supervisor; `memory` in bytes, -1 for no bound.
void cgroup_make(struct cgroup *group, const char *marker, int64_t memory);

/// Moves the caller in; safe between fork and exec.
void cgroup_enter(const struct cgroup *group);

/// Adds all that is in it, and in groups that were made below it.
void cgroup_add(struct process_set *set, const struct cgroup *group);

/// Kills all that is in it.
void cgroup_kill(const struct cgroup *group);

/// Whether the kernel has ended something in it for its memory.
bool cgroup_was_over_memory(const struct cgroup *group);

/// Takes it away, once nothing is in it.
void cgroup_remove(struct cgroup *group);

/// Calls for each group of a tree with this marker, be its supervisor alive or not.
void cgroup_each_marked(
    const char *marker, void (*visit)(struct cgroup *group, void *context), void *context);

#endif
