/// A value that is big and seldom changes: its copies share it.
///
/// A workflow has more than a hundred fields; each copy of a run's entry would count references to all of them.
struct Shared<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }
    private var box: Box

    init(_ value: Value) { box = Box(value) }

    var value: Value {
        _read { yield box.value }
        set { box = Box(newValue) }
    }
}
