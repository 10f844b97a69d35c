/// A value that is big: its copies share it until one of them changes.
///
/// A run, a ticket and a workflow have up to a hundred fields, each of which would be copied, and most of them
/// counted, with every entry and command that holds one.
package struct Shared<Value: Sendable>: Sendable {
    /// One element, always: an array is the language's own storage that is shared and copied when it's written to.
    private var storage: [Value]

    package init(_ value: Value) { storage = [value] }

    package var value: Value {
        _read { yield storage[0] }
        _modify { yield &storage[0] }
    }
}

extension Shared: Equatable where Value: Equatable {}
