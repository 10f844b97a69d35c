/// A value that is big and seldom changes: its copies share it.
///
/// A ticket and a workflow have up to a hundred fields, each of which would be copied, and most of them counted,
/// with every entry and command that holds one. What is shared stays as it is, so that it's looked at without a
/// copy; a change makes another one.
package struct Shared<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
    private var box: Box

    package init(_ value: Value) { box = Box(value) }

    package var value: Value {
        @inline(__always) _read { yield box.value }
        set { box = Box(newValue) }
    }
}

extension Shared: Equatable where Value: Equatable {
    package static func == (left: Self, right: Self) -> Bool {
        left.box === right.box || left.value == right.value
    }
}

/// A value that is big and changes often: its copies share it until one of them is changed.
package struct CopiedOnWrite<Value: Sendable>: Sendable {
    /// One element, always: an array is the language's own storage of this kind.
    private var storage: [Value]

    package init(_ value: Value) { storage = [value] }

    /// Passed on as a whole it's copied; a field of it isn't.
    package var value: Value {
        // Through the span: an array's own subscript gives a copy.
        @inline(__always) _read { yield storage.span[0] }
        @inline(__always) _modify { yield &storage[0] }
    }
}

extension CopiedOnWrite: Equatable where Value: Equatable {}
