// What Swift cannot say about processes: spawning with a session of its own, a supervisor that
// lives before Swift starts, identities that survive a reused pid, and the end of a whole tree.
// Functions that can go wrong return 0 or an errno value.
#ifndef LINECOOK_CPROCESS_H
#define LINECOOK_CPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// argv[1] of a supervisor; its control socket is descriptor 3.
#define LINECOOK_SUPERVISE "__linecook_supervise"

/// What a start needs. `strings` holds argc arguments (the first is the program's name for itself)
/// and then the envc entries of the environment, each ended by NUL.
struct linecook_spawn {
    const char *path;
    const char *strings;
    size_t argc;
    size_t envc;
    const char *directory;  // NULL: the caller's
    int input, output, errors;
    int control;       // becomes descriptor 3; -1: none
    bool loader_path;  // also hands on where the caller found its shared libraries
};

/// Starts a program in a session of its own, with no other descriptor than the named ones, every
/// signal unblocked and at its default.
int linecook_spawn(const struct linecook_spawn *request, pid_t *pid);

/// A socket pair that no other program inherits.
int linecook_socketpair(int *ours, int *theirs);

/// A pipe that no other program inherits; its reading end does not block.
int linecook_pipe(int *reading, int *writing);

/// Writes everything; EPIPE instead of a signal when the other side is gone.
int linecook_send(int socket, const void *bytes, size_t count);

/// Waits until one of the files can be read or is at its end; -1: without a limit.
void linecook_wait(const int *files, size_t count, int64_t timeout_ms, bool *ready);

/// What one byte on the control socket asks of a supervisor.
enum linecook_command { LINECOOK_STOP = 'S', LINECOOK_STALL = 'Q' };

enum linecook_report_kind { LINECOOK_STARTED = 1, LINECOOK_NOT_STARTED = 2, LINECOOK_ENDED = 3 };

enum linecook_cause {
    LINECOOK_BY_ITSELF = 1,
    LINECOOK_STOPPED = 2,
    LINECOOK_STALLED = 3,
    LINECOOK_TIMED_OUT = 4,
    LINECOOK_OWNER_DIED = 5,
    LINECOOK_OVER_MEMORY = 6
};

enum linecook_step { LINECOOK_STEP_FORK = 1, LINECOOK_STEP_FOLDER = 2, LINECOOK_STEP_PROGRAM = 3 };

/// What a supervisor says on its control socket.
struct linecook_report {
    int32_t kind;
    int32_t cause;      // ended: linecook_cause
    int32_t code;       // ended: exit code, or -1 when `signal` ended the leader
    int32_t signal;     // ended: the signal, or 0
    int32_t swept;      // ended: processes besides the leader that had to be ended
    int32_t survivors;  // ended: 0 is the kernel's word that none is left
    int32_t error;      // not started: errno
    int32_t step;       // not started: linecook_step
    int64_t pid;        // started
    uint64_t start;     // started: start time of pid
    int64_t elapsed_ms;
    int64_t lost_ms;       // ended: time in which nothing ran here; not in elapsed_ms
    int64_t memory_bytes;  // ended over its memory: what the tree held
    int64_t processor_us;
    int64_t peak_bytes;
};

/// When a process started, in units of this platform, since this boot. ESRCH when there is none.
/// `ended` is true for one that only waits for its parent to collect it.
int linecook_start_time(pid_t pid, uint64_t *start, bool *ended);

/// A handle that stays with this very process, or ESRCH when it is another one by now.
/// -1 in *handle where the platform has no such thing.
int linecook_open_process(pid_t pid, uint64_t start, int *handle);

/// Sends to the process of this pid and start time, or ESRCH when it is gone.
int linecook_signal(pid_t pid, uint64_t start, int signal);

/// Collects a child that has ended. ECHILD: not ours. EAGAIN: it has not ended.
int linecook_reap(pid_t pid, int *code, int *signal);

/// Waits until a child that is about to end has ended, and collects it.
void linecook_collect(pid_t pid);

int linecook_own_pid(void);

/// Path of this program's file, for starting it again; NUL-terminated.
int linecook_own_executable(char *buffer, size_t size);

/// Whether a path names a file that may be run.
bool linecook_is_program(const char *path);

void linecook_close(int file);

/// The name of this boot, NUL-terminated.
int linecook_boot_id(char *buffer, size_t size);

/// Ends every process whose environment holds exactly `entry` (NAME=marker), that is in the control group
/// of a tree with this marker, and what descends from one; not the caller nor its ancestors. Blocks for `grace_ms` at most before it kills.
/// *survivors is 0 when a last look found none.
void linecook_sweep(const char *entry, int64_t grace_ms, int *swept, int *survivors);

/// Takes (wait: blocks for) an exclusive lock that belongs to this open file, not to the process.
/// EAGAIN when another holds it.
int linecook_lock(int file, bool wait);
int linecook_unlock(int file);

/// Whether another open file holds the lock; does not take it.
int linecook_is_locked(int file, bool *locked);

/// Whether a path names this very open file.
bool linecook_is_at(int file, const char *path);

/// Milliseconds of a clock that neither jumps nor counts a suspended machine.
int64_t linecook_uptime_ms(void);

#endif
