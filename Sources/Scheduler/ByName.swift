/// A few values by their names, in the names' order.
///
/// Unlike those of a dictionary, each is looked at and changed where it lies.
struct ByName<Value: Sendable>: Sendable {
    private(set) var names: [String] = []
    private(set) var values: [Value] = []

    /// The places of all.
    var indices: Range<Int> { names.indices }

    /// The place of a name, until one is added or removed.
    func place(of name: String) -> Int? {
        let place = firstPlace(from: name)
        return place < names.count && names[place] == name ? place : nil
    }

    /// What lies at a place.
    subscript(place: Int) -> Value {
        // Through the span: an array's own subscript gives a copy.
        @inline(__always) _read { yield values.span[place] }
        @inline(__always) _modify { yield &values[place] }
    }

    /// A copy.
    subscript(name: String) -> Value? { place(of: name).map { values[$0] } }

    /// Gives a name this value, and takes away what it had.
    mutating func put(_ value: Value, as name: String) {
        let place = firstPlace(from: name)
        if place < names.count, names[place] == name {
            values[place] = value
        } else {
            names.insert(name, at: place)
            values.insert(value, at: place)
        }
    }

    mutating func remove(at place: Int) {
        names.remove(at: place)
        values.remove(at: place)
    }

    private func firstPlace(from name: String) -> Int {
        var (low, high) = (0, names.count)
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
