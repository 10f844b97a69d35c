// Sets of processes, and how this platform answers questions about them.
#ifndef LINECOOK_PROCESSES_H
#define LINECOOK_PROCESSES_H

#include "CProcess.h"

/// A process that cannot be mistaken for a later one with the same pid.
struct process {
    pid_t pid;
    uint64_t start;
};

struct process_facts {
    pid_t parent;
    uint64_t start;
    bool stopped;  // runs no instruction until it is continued
    bool ended;    // waits to be collected
};

struct process_set {
    struct process *items;
    size_t count, capacity;
};

// Of each platform.
int process_facts_of(pid_t pid, struct process_facts *facts);
/// Adds the living descendants of `root`, not `root` itself.
void add_descendants(struct process_set *set, pid_t root);
/// Adds every process whose environment holds exactly `entry`.
void add_marked(struct process_set *set, const char *entry);

/// What a process holds of memory and swap, in bytes; 0 when it can't be seen. Exactly: what it shares counts
/// in parts, which takes the kernel longer to tell.
int64_t process_memory(pid_t pid, bool exactly);

// Of all.
bool process_set_add(struct process_set *set, struct process process);
void process_set_free(struct process_set *set);
void pause_ms(int64_t milliseconds);

/// Fills a set with the processes that must end.
typedef void collect_function(struct process_set *set, const void *context);

/// Stops what `collect` finds until it finds nothing new, then kills it all. Everything that it
/// met is added to `met`.
void freeze_and_kill(collect_function *collect, const void *context, struct process_set *met);

#endif
