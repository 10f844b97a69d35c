extension ServiceConfiguration {
    /// What holds in a running service after its configuration was changed: the keys that can take effect at
    /// once have their new values, the others those of the start.
    ///
    /// - Parameter start: The configuration that the service was started with.
    /// - Returns: The configuration in force, and the keys that were changed but wait for the next start.
    package func live(
        since start: ServiceConfiguration
    ) -> (configuration: ServiceConfiguration, waiting: [String]) {
        var live = self
        var waiting: [String] = []
        func keep<Value: Equatable>(
            _ key: String,
            _ path: WritableKeyPath<ServiceConfiguration, Value>
        ) {
            guard live[keyPath: path] != start[keyPath: path] else { return }
            live[keyPath: path] = start[keyPath: path]
            waiting.append(key)
        }
        // Records, clients and agents' environments are made of these when the service starts.
        keep("state", \.state)
        keep("linear.endpoint", \.linear.endpoint)
        keep("linear.token", \.linear.token)
        keep("github.endpoint", \.github.endpoint)
        keep("github.token", \.github.token)
        keep("forge", \.forge)
        return (live, waiting)
    }
}
