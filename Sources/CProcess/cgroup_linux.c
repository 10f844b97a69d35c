#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cgroup.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The name of a tree's group is linecook-MARKER-PID: a fingerprint of the marker and its supervisor's pid.
#define PREFIX "linecook-"
// A service that is given its own part of the hierarchy lives in a group of this name within it
// (DelegateSubgroup= of systemd.resource-control(5)), so that the groups beside it may be bounded.
#define OWN_SUBGROUP "linecook-service"
enum { DEEPEST = 8 };

static bool join(char *path, const char *folder, const char *name) {
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX;
}

static bool write_text(const char *folder, const char *name, const char *text) {
    char path[PATH_MAX];
    if (!join(path, folder, name)) return false;
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file == -1) return false;
    ssize_t count = write(file, text, strlen(text));
    close(file);
    return count == (ssize_t)strlen(text);
}

/// Where the kernel shows the hierarchy, and which part of it: mountinfo fields 4 and 5 of
/// proc_pid_mountinfo(5).
static bool find_mount(char *root, char *place) {
    FILE *file = fopen("/proc/self/mountinfo", "re");
    if (file == NULL) return false;
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    while (!found && getline(&line, &size, file) != -1) {
        const char *kind = strstr(line, " - ");
        if (kind == NULL || strncmp(kind, " - cgroup2 ", 11) != 0) continue;
        if (strlen(line) >= PATH_MAX) continue;
        // A blank in a name is written \040, and no such mount is used.
        found = sscanf(line, "%*s %*s %*s %s %s", root, place) == 2;
    }
    free(line);
    fclose(file);
    return found;
}

/// The caller's own group, as /proc/self/cgroup names it.
static bool find_own(char *own) {
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) return false;
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    while (!found && getline(&line, &size, file) != -1) {
        if (strncmp(line, "0::/", 4) != 0 || strlen(line) >= PATH_MAX) continue;
        line[strcspn(line, "\n")] = 0;
        strcpy(own, line + 3);
        found = true;
    }
    free(line);
    fclose(file);
    return found;
}

/// The folder in which groups for trees may be made.
static bool find_base(char *base) {
    char root[PATH_MAX], place[PATH_MAX], own[PATH_MAX];
    if (!find_mount(root, place) || !find_own(own)) return false;
    const char *below = own;
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(own, root, length) != 0 || strstr(own, "/..") != NULL) return false;
    below += length;
    if (strcmp(below, "/") == 0) below = "";
    if (snprintf(base, PATH_MAX, "%s%s", place, below) >= PATH_MAX) return false;
    char *last = strrchr(base, '/');
    if (last != NULL && strcmp(last + 1, OWN_SUBGROUP) == 0) *last = 0;
    return access(base, W_OK) == 0;
}

/// FNV-1a: a marker is text of ours, and a group's name is not.
static unsigned long long fingerprint(const char *marker) {
    unsigned long long hash = 14695981039346656037u;
    for (; *marker != 0; marker++) hash = (hash ^ (unsigned char)*marker) * 1099511628211u;
    return hash;
}

static void name_prefix(char *prefix, size_t size, const char *marker) {
    snprintf(prefix, size, PREFIX "%016llx-", fingerprint(marker));
}

/// Groups of supervisors that were killed, with nothing left in them.
static void remove_forsaken(const char *base) {
    DIR *all = opendir(base);
    if (all == NULL) return;
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        char path[PATH_MAX];
        const char *pid = strrchr(entry->d_name, '-');
        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0 || pid == NULL) continue;
        if (!isdigit((unsigned char)pid[1]) || kill(atoi(pid + 1), 0) == 0 || errno != ESRCH) continue;
        // One that still holds something can't be removed.
        if (join(path, base, entry->d_name)) rmdir(path);
    }
    closedir(all);
}

void cgroup_make(struct cgroup *group, const char *marker, int64_t memory) {
    char base[PATH_MAX], prefix[64], name[96], number[32];
    *group = (struct cgroup){.entrance = -1};
    if (!find_base(base)) return;
    remove_forsaken(base);
    name_prefix(prefix, sizeof prefix, marker);
    snprintf(name, sizeof name, "%s%d", prefix, (int)getpid());
    if (!join(group->path, base, name) || mkdir(group->path, 0755) != 0) {
        group->path[0] = 0;
        return;
    }
    char procs[PATH_MAX];
    if (join(procs, group->path, "cgroup.procs")) group->entrance = open(procs, O_WRONLY | O_CLOEXEC);
    if (group->entrance == -1) {
        cgroup_remove(group);
        return;
    }
    if (memory <= 0) return;
    // Allowed only where no process is in the base itself, or it is the root.
    write_text(base, "cgroup.subtree_control", "+memory");
    snprintf(number, sizeof number, "%lld", (long long)memory);
    group->bounds_memory = write_text(group->path, "memory.max", number);
    if (!group->bounds_memory) return;
    // Without these a tree over its bound would be swapped, or lose one process of many.
    write_text(group->path, "memory.swap.max", "0");
    write_text(group->path, "memory.oom.group", "1");
}

void cgroup_enter(const struct cgroup *group) {
    if (group->entrance == -1) return;
    ssize_t ignored = write(group->entrance, "0", 1);
    (void)ignored;
}

static void add_below(struct process_set *set, const char *folder, int depth) {
    char path[PATH_MAX];
    if (!join(path, folder, "cgroup.procs")) return;
    FILE *file = fopen(path, "re");
    if (file == NULL) return;
    int pid;
    while (fscanf(file, "%d", &pid) == 1) {
        struct process_facts facts;
        if (pid <= 0 || process_facts_of(pid, &facts) != 0 || facts.ended) continue;
        process_set_add(set, (struct process){pid, facts.start});
    }
    fclose(file);
    DIR *all = depth < DEEPEST ? opendir(folder) : NULL;
    if (all == NULL) return;
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
        if (join(path, folder, entry->d_name)) add_below(set, path, depth + 1);
    }
    closedir(all);
}

void cgroup_add(struct process_set *set, const struct cgroup *group) {
    if (group->path[0] != 0) add_below(set, group->path, 0);
}

void cgroup_kill(const struct cgroup *group) {
    // Since Linux 5.14, and for all below it; else its processes are killed one by one like all others.
    if (group->path[0] != 0) write_text(group->path, "cgroup.kill", "1");
}

bool cgroup_was_over_memory(const struct cgroup *group) {
    char path[PATH_MAX], name[64];
    long long count;
    bool found = false;
    if (!group->bounds_memory || !join(path, group->path, "memory.events")) return false;
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    while (!found && fscanf(file, "%63s %lld", name, &count) == 2) {
        found = strcmp(name, "oom_kill") == 0 && count > 0;
    }
    fclose(file);
    return found;
}

static void remove_below(const char *folder, int depth) {
    DIR *all = depth < DEEPEST ? opendir(folder) : NULL;
    if (all != NULL) {
        for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
            char path[PATH_MAX];
            if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
            if (join(path, folder, entry->d_name)) remove_below(path, depth + 1);
        }
        closedir(all);
    }
    rmdir(folder);
}

void cgroup_remove(struct cgroup *group) {
    if (group->path[0] != 0) remove_below(group->path, 0);
    if (group->entrance != -1) close(group->entrance);
    *group = (struct cgroup){.entrance = -1};
}

void cgroup_each_marked(
    const char *marker, void (*visit)(struct cgroup *group, void *context), void *context) {
    char base[PATH_MAX], prefix[64];
    if (!find_base(base)) return;
    name_prefix(prefix, sizeof prefix, marker);
    DIR *all = opendir(base);
    if (all == NULL) return;
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        struct cgroup group = {.entrance = -1};
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
        if (join(group.path, base, entry->d_name)) visit(&group, context);
    }
    closedir(all);
}
#endif
