package import YAML

/// One key of a file as it is in force, whether the file, the configuration's defaults or nobody set it.
package struct ResolvedKey: Sendable {
    /// What stands behind the key.
    package enum Content: Sendable {
        /// `nil` for what has no value.
        case value(JSONValue?)
        case section([ResolvedKey])
    }

    package let name: String
    package let content: Content
    /// `workflows/portfolio.yml:31`; `nil` for what is Linecook's own default.
    package let origin: String?
}

extension Table {
    /// The keys as they are in force.
    func resolved(_ root: Root, _ reading: Reading, path: [String] = []) -> [ResolvedKey] {
        keys.map { key in
            let path = path + [key.name]
            let site = reading.site(of: path.joined(separator: "."))
            var content = ResolvedKey.Content.value(nil)
            if !key.isIdle(root) {
                content = key.resolve(root, reading, path)
                // A kind that can't write its values is shown as it stands in the file.
                if case .value(nil) = content {
                    content = .value(site.flatMap { JSONValue($0.node) })
                }
            }
            return ResolvedKey(
                name: key.name,
                content: content,
                origin: site.map { "\(reading.file(of: $0)):\($0.keyPlace.line)" }
            )
        }
    }

    /// A mapping with the values that its keys have.
    func written(_ root: Root) -> JSONValue {
        .object(keys.compactMap { key in key.written(root).map { (key.name, $0) } })
    }
}

extension JSONValue {
    /// A value as it was written; `nil` for nothing.
    fileprivate init?(_ node: YAMLNode) {
        switch node.content {
        case .sequence(let nodes): self = .array(nodes.compactMap { JSONValue($0) })
        case .mapping(let entries):
            self = .object(
                entries.compactMap { entry in
                    JSONValue(entry.value).map { (entry.key, $0) }
                }
            )
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return nil
            case .boolean(let value): self = .bool(value)
            case .integer(let value): self = .integer(value)
            case .float(let value): self = .number(value)
            case .hugeInteger: self = .string(scalar.text)
            case .string(let text): self = .string(text)
            }
        }
    }
}

extension [ResolvedKey] {
    /// The keys as a YAML file, each value with where it comes from in a comment; secrets are covered.
    ///
    /// Read again, it is the same workflow; paths are absolute.
    package var yaml: String {
        var lines: [(text: String, origin: String?)] = []
        write(to: &lines, indent: "")
        let width = Swift.min(lines.map { $0.origin == nil ? 0 : $0.text.count }.max() ?? 0, 44)
        return lines.map { line in
            guard let origin = line.origin else { return line.text + "\n" }
            let gap = String(repeating: " ", count: Swift.max(width - line.text.count, 0) + 2)
            return "\(line.text)\(gap)# \(ShownText.harmless(origin))\n"
        }.joined()
    }

    /// The keys as one JSON object; what has no value is `null`.
    package var json: JSONValue {
        .object(
            map { key in
                switch key.content {
                case .value(let value): (key.name, value?.masked ?? .null)
                case .section(let keys): (key.name, keys.json)
                }
            }
        )
    }

    /// Where each value comes from, by its name with the sections around it, `agent.timeout`.
    package func origins(inside path: String = "") -> [(String, JSONValue)] {
        flatMap { key -> [(String, JSONValue)] in
            let name = path.isEmpty ? key.name : "\(path).\(key.name)"
            switch key.content {
            case .value: return [(name, .string(key.origin ?? "default"))]
            case .section(let keys): return keys.origins(inside: name)
            }
        }
    }

    private func write(to lines: inout [(text: String, origin: String?)], indent: String) {
        for key in self {
            switch key.content {
            case .section(let keys):
                lines.append(("\(indent)\(key.name):", nil))
                keys.write(to: &lines, indent: indent + "  ")
            case .value(nil):
                lines.append(("\(indent)# \(key.name): not set", key.origin ?? "default"))
            case .value(let value?):
                let origin = key.origin ?? "default"
                let value = value.masked
                if case .string(let text) = value, let block = text.asYAMLBlock(indent) {
                    lines.append(("\(indent)\(key.name): \(block.mark)", origin))
                    lines += block.lines.map { ($0, nil) }
                } else if case .array(let items) = value, items.contains(where: \.isWide) {
                    lines.append(("\(indent)\(key.name):", origin))
                    lines += items.map { ("\(indent)  - \($0.flow)", nil) }
                } else {
                    lines.append(("\(indent)\(key.name): \(value.flow)", origin))
                }
            }
        }
    }
}

extension JSONValue {
    /// In one line of YAML that is read as the same value.
    fileprivate var flow: String {
        switch self {
        case .string(let text):
            text.isPlainInYAML ? text : self.text
        case .array(let items): "[\(items.map(\.flow).joined(separator: ", "))]"
        case .object(let members) where members.isEmpty: "{}"
        case .object(let members):
            "{ \(members.map { "\(JSONValue.string($0.0).flow): \($0.1.flow)" }.joined(separator: ", ")) }"
        case .null, .bool, .integer, .number: text
        }
    }

    /// Whether it takes a line of its own in a list.
    fileprivate var isWide: Bool {
        switch self {
        case .object, .array: true
        case .string(let text): text.count > 30
        case .null, .bool, .integer, .number: false
        }
    }

    /// Without what looks like a token, or a password in an address.
    fileprivate var masked: JSONValue {
        switch self {
        case .string(let text): .string(text.withSecretsCovered)
        case .array(let items): .array(items.map(\.masked))
        case .object(let members): .object(members.map { ($0.0, $0.1.masked) })
        case .null, .bool, .integer, .number: self
        }
    }
}

extension String {
    /// Whether YAML reads it as this text without quotes, in a flow list too.
    fileprivate var isPlainInYAML: Bool {
        let isSafe = { (scalar: Unicode.Scalar) in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                || "_./-+() $~".unicodeScalars.contains(scalar)
        }
        guard let first = unicodeScalars.first, unicodeScalars.allSatisfy(isSafe),
            first.properties.isAlphabetic || ("0"..."9").contains(first)
                || "./$".unicodeScalars.contains(first),
            last != " "
        else { return false }
        return YAMLScalar(text: self, isPlain: true).value == .string(self)
    }

    /// Text of several lines as a block; `nil` for what is no such text, or wouldn't come back as it is.
    fileprivate func asYAMLBlock(_ indent: String) -> (mark: String, lines: [String])? {
        let body = hasSuffix("\n") ? String(dropLast()) : self
        let isPrintable = body.unicodeScalars.allSatisfy {
            $0 == "\n" || (0x20...0x7E).contains($0.value)
        }
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, isPrintable, lines[0].first != " ", lines[0].first != nil,
            lines.last?.isEmpty == false
        else { return nil }
        return (
            hasSuffix("\n") ? "|" : "|-",
            lines.map { $0.isEmpty ? "" : "\(indent)  \($0)" }
        )
    }
}
