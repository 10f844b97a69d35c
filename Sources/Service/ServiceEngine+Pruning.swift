import Domain
import Logging
import RunStore

extension ServiceEngine {
    /// Prunes when that is due, and looks again in an hour.
    mutating func prune(in group: inout DiscardingTaskGroup) {
        guard service.prune != nil else { return }
        pruneIfDue(in: &group)
        let (time, feed) = (service.time, feed)
        group.addTask {
            // A cancelled wait belongs to a service that has ended.
            guard (try? await time.sleep(for: .seconds(3600))) != nil else { return }
            feed.yield(.prune)
        }
    }

    mutating func pruneIfDue(in group: inout DiscardingTaskGroup) {
        let (feed, settings) = (feed, configuration.retention)
        guard let prune = service.prune, !isPruning,
            service.store.isPruningDue(by: settings, at: service.time.now().wall)
        else { return }
        isPruning = true
        group.addTask {
            do {
                let words = try await prune(settings)
                feed.yield(.pruned(words, isDone: true))
            } catch is CancellationError {
                return
            } catch {
                feed.yield(.pruned("\(error)", isDone: false))
            }
        }
    }

    mutating func takePruned(_ words: String, isDone: Bool) {
        isPruning = false
        pruneProblem = isDone ? nil : "old runs aren't pruned: \(words)"
        if isDone {
            service.log.info("pruned", metadata: ["what": "\(words)"])
        } else {
            service.log.warning("old runs aren't pruned", metadata: ["why": "\(words)"])
        }
        writeStatus(isLast: false)
    }
}
