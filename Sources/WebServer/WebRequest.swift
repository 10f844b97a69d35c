/// A request that arrived whole and within the limits; everything in it was written by a stranger.
package struct WebRequest: Equatable, Sendable {
    /// As it was sent, `GET` or `POST`.
    package var method: String
    /// The path with its percent signs resolved, `/runs/FRE-69`; always starts with a slash.
    ///
    /// Never a file's path: it may hold `..`, slashes that were written as `%2F`, and control characters.
    package var path: String
    /// The pairs of the query in their order, decoded; a name without `=` has an empty value.
    package var query: [(name: String, value: String)]
    package var headers: WebHeaders
    package var body: [UInt8]

    package init(
        method: String = "GET",
        path: String,
        query: [(name: String, value: String)] = [],
        headers: WebHeaders = WebHeaders(),
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first value of a name in the query.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.method == right.method && left.path == right.path && left.headers == right.headers
            && left.body == right.body && left.query.elementsEqual(right.query, by: ==)
    }
}

/// Header fields in their order; names are compared without case.
package struct WebHeaders: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first field of this name; setting replaces all of that name.
    package subscript(name: String) -> String? {
        get { fields.first { Self.same($0.name, name) }?.value }
        set {
            fields.removeAll { Self.same($0.name, name) }
            if let newValue { fields.append((name: name, value: newValue)) }
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.fields.elementsEqual(right.fields) { same($0.name, $1.name) && $0.value == $1.value }
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
    }
}
