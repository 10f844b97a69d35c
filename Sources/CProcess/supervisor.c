// The supervisor: a process that owns one tree of processes and outlives none of it.
//
// It is this same binary, taken over before anything of Swift has started, with one thread, so
// that it may fork and collect whatever comes. It reads its request from the control socket
// (descriptor 3), starts the leader, and ends the tree when the leader has ended, when it is told
// to, when the time is up, when it holds too much memory, or when its owner is gone, which closes the
// socket.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cgroup.h"
#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

enum {
    CONTROL = 3,
    REQUEST_LIMIT = 16 << 20,
    REMAINS_GRACE_MS = 1000,  // for what is left when the leader has ended
    SLICE_MS = 1000,          // a wait longer than this is looked at in between ...
    LATE_MS = 1000,           // ... and a slice that took so much longer was a machine that stood still
    LOOK_AT_MEMORY_MS = 1000, // at most; sooner the closer to the limit
    MEMORY_SOONEST_MS = 50,
    MEMORY_PER_MS = 4 << 20,  // no tree is expected to grow faster
    LOOK_AGAIN_MS = 20,
    GIVE_UP_MS = 30000,
    USAGE = 2
};

struct request {
    int64_t timeout_ms;  // -1: none
    int64_t grace_ms;
    int64_t memory_bytes;  // -1: none
    int64_t open_files;
    const char *path;
    const char *directory;
    char **arguments;
    char **environment;
};

static struct {
    pid_t leader;
    bool leader_ended;
    int leader_status;
    bool childless;
    int64_t peak_bytes;
    int64_t lost_ms;
    int64_t memory_bytes;
    struct cgroup group;
    sigset_t while_waiting;
} state;

/// Milliseconds of a clock that doesn't count time in which this process couldn't run, such as that of a
/// stopped virtual machine: it is not the tree's either.
static int64_t now_ms(void) { return linecook_uptime_ms() - state.lost_ms; }

static void on_child(int signal) { (void)signal; }

static void fail(const char *text) {
    // A person started it by hand: there is no owner to tell.
    ssize_t ignored = write(2, text, strlen(text));
    (void)ignored;
    _exit(USAGE);
}

static bool read_all(void *bytes, size_t count) {
    for (size_t length = 0; length < count;) {
        ssize_t part = recv(CONTROL, (char *)bytes + length, count - length, 0);
        if (part == -1 && errno == EINTR) continue;
        if (part <= 0) return false;
        length += (size_t)part;
    }
    return true;
}

static const char *next_string(const char **text, const char *end) {
    const char *string = *text;
    if (string >= end) fail("linecook: the supervisor's request ends too early\n");
    *text += strlen(string) + 1;
    return string;
}

static char **next_strings(const char **text, const char *end, size_t count) {
    char **strings = calloc(count + 1, sizeof *strings);
    if (strings == NULL) fail("linecook: no memory for the supervisor's request\n");
    for (size_t i = 0; i < count; i++) strings[i] = (char *)(uintptr_t)next_string(text, end);
    return strings;
}

/// What it reads stays allocated for the life of the process.
static struct request read_request(void) {
    uint32_t size;
    if (!read_all(&size, sizeof size)) {
        fail("linecook: " LINECOOK_SUPERVISE " is for linecook's own use\n");
    }
    char *block = size <= REQUEST_LIMIT ? malloc((size_t)size + 1) : NULL;
    if (block == NULL) fail("linecook: the supervisor's request is too large\n");
    // The owner may die before it has said everything; then nothing was started.
    if (!read_all(block, size)) _exit(0);
    block[size] = 0;
    const char *text = block, *end = block + size;
    struct request request;
    request.timeout_ms = strtoll(next_string(&text, end), NULL, 10);
    request.grace_ms = strtoll(next_string(&text, end), NULL, 10);
    request.memory_bytes = strtoll(next_string(&text, end), NULL, 10);
    request.open_files = strtoll(next_string(&text, end), NULL, 10);
    size_t argc = strtoull(next_string(&text, end), NULL, 10);
    size_t envc = strtoull(next_string(&text, end), NULL, 10);
    if (argc > size || envc > size) fail("linecook: the supervisor's request is malformed\n");
    request.path = next_string(&text, end);
    request.directory = next_string(&text, end);
    request.arguments = next_strings(&text, end, argc);
    request.environment = next_strings(&text, end, envc);
    return request;
}

/// Polite signals are for the tree; the supervisor ends when the tree has.
static void set_signals(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int number = 1; number < NSIG; number++) {
        switch (number) {
        case SIGKILL: case SIGSTOP: case SIGCHLD:
        case SIGSEGV: case SIGBUS: case SIGFPE: case SIGILL: case SIGABRT: case SIGTRAP: case SIGSYS:
            break;
        default: signal(number, SIG_IGN);
        }
    }
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
    sigaction(SIGCHLD, &action, NULL);
    sigfillset(&state.while_waiting);
    sigdelset(&state.while_waiting, SIGCHLD);
    sigdelset(&state.while_waiting, SIGSEGV);
    sigdelset(&state.while_waiting, SIGABRT);
}

struct start_error {
    int32_t error;
    int32_t step;
};

/// No descriptors beyond what is allowed; a lower limit of the user's stays.
static void limit_open_files(int64_t count) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    if (files.rlim_max == RLIM_INFINITY || files.rlim_max > (rlim_t)count) files.rlim_max = (rlim_t)count;
    if (files.rlim_cur == RLIM_INFINITY || files.rlim_cur > files.rlim_max) files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/// Between fork and exec: calls that are safe there only.
static _Noreturn void become_leader(const struct request *request, pid_t supervisor, int failures) {
    struct start_error failure = {0, LINECOOK_STEP_FORK};
    struct rlimit no_core = {0, 0};
    sigset_t none;
    setsid();
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != supervisor) _exit(1);  // it died before the line above
    cgroup_enter(&state.group);
    setrlimit(RLIMIT_CORE, &no_core);
    limit_open_files(request->open_files);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    fcntl(failures, F_SETFD, FD_CLOEXEC);
#if defined(__linux__) && defined(SYS_close_range)
    syscall(SYS_close_range, 3u, ~0u, 1u << 2);  // CLOSE_RANGE_CLOEXEC
#endif
    failure.step = LINECOOK_STEP_FOLDER;
    if (chdir(request->directory) == 0) {
        failure.step = LINECOOK_STEP_PROGRAM;
        execve(request->path, request->arguments, request->environment);
    }
    failure.error = errno;
    ssize_t ignored = write(failures, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

/// - Returns: no error (0) once the leader runs its program.
static struct start_error start_leader(const struct request *request) {
    struct start_error failure = {0, LINECOOK_STEP_FORK};
    int reading, writing;
    pid_t supervisor = getpid();
    failure.error = linecook_pipe(&reading, &writing);
    if (failure.error != 0) return failure;
    state.leader = fork();
    if (state.leader == -1) {
        failure.error = errno;
        return failure;
    }
    if (state.leader == 0) become_leader(request, supervisor, writing);
    close(writing);
    fcntl(reading, F_SETFL, 0);
    ssize_t count;
    do count = read(reading, &failure, sizeof failure); while (count == -1 && errno == EINTR);
    close(reading);
    // Closed without a word: the program has taken over.
    if (count != (ssize_t)sizeof failure) failure.error = 0;
    return failure;
}

/// The streams belong to the tree alone: held here too they would never end.
static void let_go_of_streams(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null == -1) {
        for (int i = 0; i < 3; i++) close(i);
        return;
    }
    for (int i = 0; i < 3; i++) dup2(null, i);
    if (null > 2) close(null);
}

/// Collects every child that has ended. As the subreaper it gets the orphans of the whole tree:
/// no child left means that nothing of the tree is left.
static void reap(void) {
    for (;;) {
        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid == -1 && errno == EINTR) continue;
        state.childless = pid == -1 && errno == ECHILD;
        if (pid <= 0) return;
#ifdef __APPLE__
        int64_t peak = usage.ru_maxrss;
#else
        int64_t peak = (int64_t)usage.ru_maxrss * 1024;
#endif
        if (peak > state.peak_bytes) state.peak_bytes = peak;
        if (pid == state.leader) {
            state.leader_ended = true;
            state.leader_status = status;
        }
    }
}

/// Waits for a child's end, for the control socket when `listening`, and until `deadline` (-1:
/// none) at most.
/// - Returns: whether the socket has something.
static bool wait_for_event(int64_t deadline, bool listening) {
    int64_t before = now_ms(), planned = SLICE_MS;
    if (deadline != -1 && deadline - before < planned) planned = deadline - before;
    if (planned < 0) planned = 0;
    struct timespec time = {planned / 1000, (planned % 1000) * 1000000};
    fd_set reading;
    FD_ZERO(&reading);
    if (listening) FD_SET(CONTROL, &reading);
    int ready = pselect(
        listening ? CONTROL + 1 : 0, &reading, NULL, NULL, &time, &state.while_waiting);
    int64_t late = now_ms() - before - planned;
    if (late > LATE_MS) state.lost_ms += late;
    return ready > 0;
}

static void collect_own(struct process_set *set, const void *context) {
    (void)context;
    struct process_set all = {0};
    add_descendants(&all, getpid());
    cgroup_add(&all, &state.group);
#ifdef __APPLE__
    // Nobody inherits orphans here; the leader's session is what is left of them.
    add_descendants(&all, state.leader);
#endif
    for (size_t i = 0; i < all.count; i++) {
        struct process_facts facts;
        if (all.items[i].pid == getpid()) continue;
        if (process_facts_of(all.items[i].pid, &facts) != 0 || facts.ended) continue;
        process_set_add(set, all.items[i]);
    }
    process_set_free(&all);
}

static size_t count_own(void) {
    struct process_set set = {0};
    collect_own(&set, NULL);
    size_t count = set.count;
    process_set_free(&set);
    return count;
}

static bool is_gone(void) {
#ifdef __APPLE__
    return state.childless && count_own() == 0;
#else
    return state.childless;
#endif
}

/// Polite signal, grace, then everything is stopped, killed and collected until none is left.
static void end_tree(int64_t grace_ms, struct process_set *met) {
    collect_own(met, NULL);
    for (size_t i = 0; i < met->count; i++) {
        linecook_signal(met->items[i].pid, met->items[i].start, SIGTERM);
        linecook_signal(met->items[i].pid, met->items[i].start, SIGCONT);
    }
    bool leader_had_ended = state.leader_ended;
    int64_t until = now_ms() + grace_ms;
    for (reap(); !is_gone() && now_ms() < until; reap()) {
        int64_t next = until;
#ifdef __APPLE__
        next = now_ms() + LOOK_AGAIN_MS;
#endif
        wait_for_event(next, false);
        reap();
        if (state.leader_ended && !leader_had_ended) {
            leader_had_ended = true;
            int64_t sooner = now_ms() + REMAINS_GRACE_MS;
            if (sooner < until) until = sooner;
        }
    }
    int64_t give_up = now_ms() + GIVE_UP_MS;
    while (!is_gone() && now_ms() < give_up) {
        // For their number: the one stroke tells of nobody.
        collect_own(met, NULL);
        cgroup_kill(&state.group);
        // What has left the group, and where there is none.
        freeze_and_kill(collect_own, NULL, met);
        reap();
        if (!is_gone()) wait_for_event(now_ms() + LOOK_AGAIN_MS, false);
        reap();
    }
}

/// - Returns: why the tree is to end now, or 0.
static enum linecook_cause read_command(void) {
    char command;
    ssize_t count = recv(CONTROL, &command, 1, MSG_DONTWAIT);
    if (count == -1 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count <= 0) return LINECOOK_OWNER_DIED;
    return command == LINECOOK_STALL ? LINECOOK_STALLED : LINECOOK_STOPPED;
}

/// What all processes of the tree together hold.
static int64_t held_memory(bool exactly) {
    struct process_set set = {0};
    int64_t sum = 0;
    collect_own(&set, NULL);
    for (size_t i = 0; i < set.count; i++) sum += process_memory(set.items[i].pid, exactly);
    process_set_free(&set);
    return sum;
}

/// Looks whether the tree holds more than `limit`, and plans the next look.
///
/// Only two looks in a row that agree count: a large process that is about to run another program is
/// two of them for a moment.
static bool is_over_memory(int64_t limit, int64_t *next_look, bool *was_over) {
    int64_t held = held_memory(false);
    // What processes share is counted for each of them above.
    if (held > limit) held = held_memory(true);
    state.memory_bytes = held;
    int64_t room_ms = (limit - held) / MEMORY_PER_MS;
    if (room_ms < MEMORY_SOONEST_MS) room_ms = MEMORY_SOONEST_MS;
    if (room_ms > LOOK_AT_MEMORY_MS) room_ms = LOOK_AT_MEMORY_MS;
    *next_look = now_ms() + room_ms;
    bool is_over = held > limit, is_confirmed = is_over && *was_over;
    *was_over = is_over;
    return is_confirmed;
}

/// - Parameters: `deadline` is -1 for none, `memory` in bytes, -1 where nothing is to be measured.
static enum linecook_cause wait_for_cause(int64_t deadline, int64_t memory) {
    int64_t next_look = now_ms();
    bool was_over = false;
    for (;;) {
        reap();
        if (state.leader_ended) return LINECOOK_BY_ITSELF;
        if (deadline != -1 && now_ms() >= deadline) return LINECOOK_TIMED_OUT;
        if (memory != -1 && now_ms() >= next_look
            && is_over_memory(memory, &next_look, &was_over)) {
            return LINECOOK_OVER_MEMORY;
        }
        int64_t next = deadline;
        if (memory != -1 && (next == -1 || next_look < next)) next = next_look;
        if (!wait_for_event(next, true)) continue;
        enum linecook_cause cause = read_command();
        if (cause != 0) return cause;
    }
}

static void report(struct linecook_report report) {
    // Without an owner nobody listens; the tree has been ended all the same.
    (void)linecook_send(CONTROL, &report, sizeof report);
}

static _Noreturn void supervise(void) {
    set_signals();
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "linecook-tree");
#endif
    struct request request = read_request();
    const char *marker = getenv("LINECOOK_ATTEMPT");
    cgroup_make(&state.group, marker == NULL ? "" : marker, request.memory_bytes);
    int64_t started = now_ms();
    struct start_error failure = start_leader(&request);
    if (failure.error != 0) {
        reap();
        cgroup_remove(&state.group);
        report((struct linecook_report){
            .kind = LINECOOK_NOT_STARTED, .error = failure.error, .step = failure.step});
        _exit(0);
    }
    let_go_of_streams();
    struct linecook_report start = {.kind = LINECOOK_STARTED, .pid = state.leader};
    bool ended;
    linecook_start_time(state.leader, &start.start, &ended);
    report(start);

    enum linecook_cause cause = wait_for_cause(
        request.timeout_ms == -1 ? -1 : started + request.timeout_ms,
        state.group.bounds_memory ? -1 : request.memory_bytes);
    int64_t grace = request.grace_ms;
    // It would go on growing.
    if (cause == LINECOOK_OVER_MEMORY) grace = 0;
    if (cause == LINECOOK_BY_ITSELF && grace > REMAINS_GRACE_MS) grace = REMAINS_GRACE_MS;
    struct process_set met = {0};
    if (!is_gone()) end_tree(grace, &met);

    if (cause == LINECOOK_BY_ITSELF && cgroup_was_over_memory(&state.group)) {
        cause = LINECOOK_OVER_MEMORY;
        state.memory_bytes = request.memory_bytes;
    }
    cgroup_remove(&state.group);

    struct linecook_report end = {.kind = LINECOOK_ENDED, .cause = cause};
    for (size_t i = 0; i < met.count; i++) end.swept += met.items[i].pid != state.leader;
    end.survivors = is_gone() ? 0 : (int32_t)count_own();
    if (!is_gone() && end.survivors == 0) end.survivors = 1;
    // A leader that even SIGKILL did not end (it hangs in the kernel) is told by `survivors`.
    if (!state.leader_ended) state.leader_status = SIGKILL;
    end.code = WIFEXITED(state.leader_status) ? WEXITSTATUS(state.leader_status) : -1;
    end.signal = WIFSIGNALED(state.leader_status) ? WTERMSIG(state.leader_status) : 0;
    end.elapsed_ms = now_ms() - started;
    end.lost_ms = state.lost_ms;
    end.memory_bytes = state.memory_bytes;
    end.peak_bytes = state.peak_bytes;
    struct rusage usage;
    if (getrusage(RUSAGE_CHILDREN, &usage) == 0) {
        end.processor_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * (int64_t)1000000
            + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    }
    report(end);
    _exit(0);
}

__attribute__((constructor(101))) static void take_over(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], LINECOOK_SUPERVISE) == 0) supervise();
}
