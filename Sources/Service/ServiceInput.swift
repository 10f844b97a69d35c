import Scheduler

/// What wakes the service.
enum ServiceInput: Sendable {
    case event(SchedulerEvent)
    case signal(ServiceSignal)
    /// The timer that was armed for this moment has fired.
    case timer(Duration)
    /// The room on the disks is looked at again.
    case lookAtDisks
    /// The disk is tried again.
    case retryDisk
    case writeStatus
    /// What a person should look at.
    case notice(String)
    /// It's looked whether old runs are to be pruned.
    case prune
    /// Pruning has ended: what it says, and whether it came to its end.
    case pruned(String, isDone: Bool)
    /// A person has asked for something.
    case lookAtRequests
    /// Files of the settings were changed, and this holds now.
    case settings(SettingsUpdate)
}
