#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// glibc has wrappers since 2.36 only; the numbers are the same on every architecture since 5.3.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

static ssize_t read_file(const char *path, char *buffer, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1) return -1;
    size_t length = 0;
    while (length < size - 1) {
        ssize_t count = read(file, buffer + length, size - 1 - length);
        if (count == -1 && errno == EINTR) continue;
        if (count == -1) {
            int error = errno;
            close(file);
            errno = error;
            return -1;
        }
        if (count == 0) break;
        length += (size_t)count;
    }
    close(file);
    buffer[length] = 0;
    return (ssize_t)length;
}

int process_facts_of(pid_t pid, struct process_facts *facts) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (read_file(path, text, sizeof text) <= 0) return errno == EMFILE ? EMFILE : ESRCH;
    // The second field is the program's name in brackets, and may hold brackets itself.
    char *rest = strrchr(text, ')');
    if (rest == NULL) return ESRCH;
    char state;
    int parent;
    unsigned long long start;
    // Fields 3, 4 and 22 of proc_pid_stat(5).
    int fields = sscanf(
        rest + 1,
        " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
        &state, &parent, &start);
    if (fields != 3) return ESRCH;
    *facts = (struct process_facts){
        .parent = parent,
        .start = start,
        .stopped = state == 'T' || state == 't',
        .ended = state == 'Z' || state == 'X' || state == 'x',
    };
    return 0;
}

/// Adds a process that is a child of `parent`, or of the caller, which inherits orphans.
static bool add_child(struct process_set *set, pid_t pid, pid_t parent) {
    struct process_facts facts;
    if (process_facts_of(pid, &facts) != 0) return false;
    if (facts.parent != parent && facts.parent != getpid()) return false;
    return process_set_add(set, (struct process){pid, facts.start});
}

/// The kernel's own list of children.
/// - Returns: false where the kernel does not offer it.
static bool add_children(struct process_set *set, pid_t parent) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)parent);
    DIR *tasks = opendir(path);
    if (tasks == NULL) return true;
    bool offered = true;
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        if (!isdigit((unsigned char)task->d_name[0])) continue;
        char list[336];
        snprintf(list, sizeof list, "/proc/%d/task/%s/children", (int)parent, task->d_name);
        FILE *file = fopen(list, "re");
        if (file == NULL) {
            if (parent == getpid()) offered = false;
            continue;
        }
        int pid;
        while (fscanf(file, "%d", &pid) == 1) add_child(set, pid, parent);
        fclose(file);
    }
    closedir(tasks);
    return offered;
}

/// Calls for every pid of the machine.
static void each_process(void (*visit)(pid_t, void *), void *context) {
    DIR *all = opendir("/proc");
    if (all == NULL) return;
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        if (isdigit((unsigned char)entry->d_name[0])) visit(atoi(entry->d_name), context);
    }
    closedir(all);
}

struct search {
    struct process_set *set;
    pid_t parent;
    const char *entry;
};

static void visit_child(pid_t pid, void *context) {
    struct search *search = context;
    struct process_facts facts;
    if (process_facts_of(pid, &facts) != 0 || facts.parent != search->parent) return;
    process_set_add(search->set, (struct process){pid, facts.start});
}

void add_descendants(struct process_set *set, pid_t root) {
    size_t next = set->count;
    struct search search = {.set = set, .parent = root};
    bool offered = add_children(set, root);
    if (!offered) each_process(visit_child, &search);
    for (; next < set->count; next++) {
        search.parent = set->items[next].pid;
        if (offered) {
            add_children(set, search.parent);
        } else {
            each_process(visit_child, &search);
        }
    }
}

/// Whether one of the NUL-separated entries of a file is exactly `wanted`.
static bool file_has_entry(const char *path, const char *wanted) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1) return false;
    size_t length = strlen(wanted), matched = 0;
    bool possible = true, found = false;
    char buffer[16384];
    for (ssize_t count; !found && (count = read(file, buffer, sizeof buffer)) != 0;) {
        if (count == -1 && errno == EINTR) continue;
        if (count == -1) break;
        for (ssize_t i = 0; i < count && !found; i++) {
            if (buffer[i] == 0) {
                found = possible && matched == length;
                possible = true;
                matched = 0;
            } else if (possible && matched < length && buffer[i] == wanted[matched]) {
                matched++;
            } else {
                possible = false;
            }
        }
    }
    close(file);
    return found;
}

static void visit_marked(pid_t pid, void *context) {
    struct search *search = context;
    struct process_facts facts;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    // The start time first: were the pid reused in between, the later signal would miss it.
    if (process_facts_of(pid, &facts) != 0 || facts.ended) return;
    if (file_has_entry(path, search->entry)) {
        process_set_add(search->set, (struct process){pid, facts.start});
    }
}

void add_marked(struct process_set *set, const char *entry) {
    struct search search = {.set = set, .entry = entry};
    each_process(visit_marked, &search);
}

int linecook_open_process(pid_t pid, uint64_t start, int *handle) {
    struct process_facts facts;
    int opened = (int)syscall(SYS_pidfd_open, pid, 0);
    if (opened == -1) return errno == EINVAL ? ESRCH : errno;
    // Looked at after the handle was opened: from here on the pid cannot change hands unseen.
    int error = process_facts_of(pid, &facts);
    if (error == 0 && facts.start != start) error = ESRCH;
    if (error != 0) {
        close(opened);
        return error;
    }
    *handle = opened;
    return 0;
}

int linecook_signal(pid_t pid, uint64_t start, int signal) {
    int handle;
    int error = linecook_open_process(pid, start, &handle);
    if (error != 0) return error;
    if (syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0) == -1) error = errno;
    close(handle);
    return error;
}

/// The value of `name` in a file of lines such as `VmRSS:  1234 kB`, in bytes; 0 when there is none.
static int64_t kilobytes_at(const char *text, const char *name) {
    const char *line = strstr(text, name);
    if (line == NULL || (line != text && line[-1] != '\n')) return 0;
    return strtoll(line + strlen(name), NULL, 10) * 1024;
}

int64_t process_memory(pid_t pid, bool exactly) {
    char path[64], text[8192];
    if (exactly) {
        // Pss and SwapPss of proc_pid_smaps(5); a program that may not be looked into has none.
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
        if (read_file(path, text, sizeof text) > 0) {
            return kilobytes_at(text, "Pss:") + kilobytes_at(text, "SwapPss:");
        }
    }
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    if (read_file(path, text, sizeof text) <= 0) return 0;
    return kilobytes_at(text, "VmRSS:") + kilobytes_at(text, "VmSwap:");
}

int linecook_boot_id(char *buffer, size_t size) {
    ssize_t length = read_file("/proc/sys/kernel/random/boot_id", buffer, size);
    if (length <= 0) return errno;
    if (buffer[length - 1] == '\n') buffer[length - 1] = 0;
    return 0;
}
#endif
