import Domain
import RunStore

extension Service {
    /// How soon a request is seen.
    private static let requestInterval = Duration.seconds(2)

    /// Says whenever there is a request, until the task is cancelled.
    func watchRequests(_ say: () -> Void) async {
        while (try? await time.sleep(for: Self.requestInterval)) != nil {
            // What can't be listed is said by whoever reads it.
            if (try? store.hasRequests()) ?? false { say() }
        }
    }
}
