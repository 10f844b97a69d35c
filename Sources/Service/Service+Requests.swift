import Domain
import RunStore

extension Service {
    /// Says whenever there is a request, until the task is cancelled.
    func watchRequests(_ say: () -> Void) async {
        while (try? await time.sleep(for: requestInterval)) != nil {
            // What can't be listed is said by whoever reads it.
            if (try? store.hasRequests()) ?? false { say() }
        }
    }
}
