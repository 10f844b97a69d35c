import Logging
import Scheduler

extension ServiceEngine {
    /// Whoever pressed Ctrl-C would wonder why the service is still there.
    func sayWhatStops(_ signal: ServiceSignal) {
        let count = scheduler.takenSlots
        let agents = count == 1 ? "1 agent" : "\(count) agents"
        switch signal {
        case .drain where count > 0:
            service.log.info(
                "nothing new is started; \(agents) may finish, Ctrl-C once more stops them"
            )
        case .drain: service.log.info("nothing new is started")
        case .interrupt: service.log.info("stops \(agents); the next start goes on")
        case .leave: break
        }
    }
}
