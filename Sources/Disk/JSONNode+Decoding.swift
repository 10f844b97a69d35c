extension JSONNode: Decodable {
    /// Any JSON value; the members of an object come in no order.
    package init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: AnyKey.self) {
            self = .object(
                try members.allKeys.map { key in
                    (key.stringValue, try members.decode(JSONNode.self, forKey: key))
                }
            )
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var nodes: [JSONNode] = []
            while !elements.isAtEnd { nodes.append(try elements.decode(JSONNode.self)) }
            self = .array(nodes)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int.self) {
            self = .number(String(integer))
        } else if let number = try? value.decode(Double.self) {
            self = .number(number.description)
        } else {
            self = .string(try value.decode(String.self))
        }
    }

    /// The value at the end of a path, or `nil` when there is none; an array's first element stands for all.
    func value(at path: some Collection<any CodingKey>) -> JSONNode? {
        guard let key = path.first else { return self }
        let next: JSONNode? =
            switch self {
            case .object(let members): members.first { $0.name == key.stringValue }?.value
            case .array(let elements): key.intValue == nil ? nil : elements.first
            case .null, .bool, .number, .string: nil
            }
        return next?.value(at: path.dropFirst())
    }

    /// Puts a member in, at the end of a path that is there but for its last name.
    ///
    /// - Returns: Whether there was a place for it.
    mutating func insert(_ node: JSONNode, at path: some Collection<any CodingKey>) -> Bool {
        guard let key = path.first else { return false }
        let rest = path.dropFirst()
        switch self {
        case .object(var members):
            defer { self = .object(members) }
            if let index = members.firstIndex(where: { $0.name == key.stringValue }) {
                return members[index].value.insert(node, at: rest)
            }
            guard rest.isEmpty else { return false }
            members.append((key.stringValue, node))
            return true
        case .array(var elements):
            defer { self = .array(elements) }
            guard let index = key.intValue, elements.indices.contains(index) else { return false }
            return elements[index].insert(node, at: rest)
        case .null, .bool, .number, .string: return false
        }
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
