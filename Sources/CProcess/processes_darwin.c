#ifdef __APPLE__
// No subreaper, no death signal, no process handle, no control group here: a descendant that left its session and
// whose parent ended is found by its environment only (linecook_sweep).
#include "cgroup.h"
#include "processes.h"

#include <errno.h>
#include <libproc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>
#include <unistd.h>

int process_facts_of(pid_t pid, struct process_facts *facts) {
    struct proc_bsdinfo info;
    // The argument 1 lets it answer for a process that has ended and waits to be collected.
    int size = proc_pidinfo(pid, PROC_PIDTBSDINFO, 1, &info, sizeof info);
    if (size != (int)sizeof info) return ESRCH;
    *facts = (struct process_facts){
        .parent = (pid_t)info.pbi_ppid,
        .start = info.pbi_start_tvsec * 1000000 + info.pbi_start_tvusec,
        .stopped = info.pbi_status == 4,  // SSTOP of sys/proc.h
        .ended = info.pbi_status == 5,    // SZOMB
    };
    return 0;
}

/// All pids of the machine; the caller frees them.
static pid_t *all_processes(size_t *count) {
    int size = proc_listallpids(NULL, 0);
    if (size <= 0) return NULL;
    size_t capacity = (size_t)size + 256;
    pid_t *pids = calloc(capacity, sizeof *pids);
    if (pids == NULL) return NULL;
    int found = proc_listallpids(pids, (int)(capacity * sizeof *pids));
    *count = found > 0 ? (size_t)found : 0;
    return pids;
}

void add_descendants(struct process_set *set, pid_t root) {
    size_t count = 0, next = set->count;
    pid_t *pids = all_processes(&count);
    if (pids == NULL) return;
    for (pid_t parent = root;; parent = set->items[next++].pid) {
        for (size_t i = 0; i < count; i++) {
            struct process_facts facts;
            if (process_facts_of(pids[i], &facts) != 0) continue;
            // The leader's session and group stay its own after it has ended.
            bool is_child = facts.parent == parent;
            bool is_grouped = parent != root && getpgid(pids[i]) == parent;
            if (!is_child && !is_grouped) continue;
            process_set_add(set, (struct process){pids[i], facts.start});
        }
        if (next == set->count) break;
    }
    free(pids);
}

static bool has_entry(pid_t pid, const char *wanted) {
    int name[3] = {CTL_KERN, KERN_PROCARGS2, pid};
    size_t size = 0;
    if (sysctl(name, 3, NULL, &size, NULL, 0) != 0 || size <= sizeof(int)) return false;
    char *buffer = malloc(size + 1);
    if (buffer == NULL) return false;
    bool found = false;
    if (sysctl(name, 3, buffer, &size, NULL, 0) == 0 && size > sizeof(int)) {
        buffer[size] = 0;
        for (char *text = buffer + sizeof(int); text < buffer + size; text += strlen(text) + 1) {
            if (strcmp(text, wanted) == 0) found = true;
        }
    }
    free(buffer);
    return found;
}

void add_marked(struct process_set *set, const char *entry) {
    size_t count = 0;
    pid_t *pids = all_processes(&count);
    if (pids == NULL) return;
    for (size_t i = 0; i < count; i++) {
        struct process_facts facts;
        if (process_facts_of(pids[i], &facts) != 0 || facts.ended) continue;
        if (has_entry(pids[i], entry)) {
            process_set_add(set, (struct process){pids[i], facts.start});
        }
    }
    free(pids);
}

int linecook_open_process(pid_t pid, uint64_t start, int *handle) {
    struct process_facts facts;
    int error = process_facts_of(pid, &facts);
    if (error != 0) return error;
    if (facts.start != start) return ESRCH;
    *handle = -1;
    return 0;
}

int linecook_signal(pid_t pid, uint64_t start, int signal) {
    int handle;
    int error = linecook_open_process(pid, start, &handle);
    if (error != 0) return error;
    return kill(pid, signal) == 0 ? 0 : errno;
}

int64_t process_memory(pid_t pid, bool exactly) {
    (void)exactly;  // the footprint counts what is shared for one alone
    struct rusage_info_v2 usage;
    if (proc_pid_rusage(pid, RUSAGE_INFO_V2, (rusage_info_t *)&usage) != 0) return 0;
    return (int64_t)usage.ri_phys_footprint;
}

void cgroup_make(struct cgroup *group, const char *marker, int64_t memory) {
    (void)marker;
    (void)memory;
    *group = (struct cgroup){.entrance = -1};
}
void cgroup_enter(const struct cgroup *group) { (void)group; }
void cgroup_add(struct process_set *set, const struct cgroup *group) {
    (void)set;
    (void)group;
}
void cgroup_kill(const struct cgroup *group) { (void)group; }
bool cgroup_was_over_memory(const struct cgroup *group) {
    (void)group;
    return false;
}
void cgroup_remove(struct cgroup *group) { (void)group; }
void cgroup_each_marked(
    const char *marker, void (*visit)(struct cgroup *group, void *context), void *context) {
    (void)marker;
    (void)visit;
    (void)context;
}

int linecook_boot_id(char *buffer, size_t size) {
    return sysctlbyname("kern.bootsessionuuid", buffer, &size, NULL, 0) == 0 ? 0 : errno;
}
#endif
