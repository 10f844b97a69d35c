#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Encodes a value as JSON whose members stand in the order in which the type declares them, with
/// every `nil` written as `null`, so that records tell their story from top to bottom.
///
/// The encoder of FoundationEssentials keeps no order and leaves `nil` out.
package enum RecordEncoder {
    /// - Throws: what the value's own `encode(to:)` throws.
    package static func node(of value: some Encodable) throws -> JSONNode {
        let sink = Sink()
        try Storage(sink: sink, codingPath: []).encodeValue(value)
        return sink.node
    }

    /// The value as pretty-printed JSON with a newline at the end.
    package static func prettyText(of value: some Encodable) throws -> String {
        try node(of: value).prettyText + "\n"
    }
}

/// Where one value's node is built; a class because containers outlive the call that made them.
private final class Sink {
    enum Content {
        case empty
        case node(JSONNode)
        case array([Sink])
        case object([(String, Sink)])
    }
    var content = Content.empty

    var node: JSONNode {
        switch content {
        case .empty: .null
        case .node(let node): node
        case .array(let sinks): .array(sinks.map(\.node))
        case .object(let members): .object(members.map { (name: $0.0, value: $0.1.node) })
        }
    }

    func member(_ name: String) -> Sink {
        var members: [(String, Sink)] = []
        if case .object(let present) = content { members = present }
        content = .empty  // or what is appended to would be copied
        let sink = Sink()
        members.append((name, sink))
        content = .object(members)
        return sink
    }

    func element() -> Sink {
        var elements: [Sink] = []
        if case .array(let present) = content { elements = present }
        content = .empty
        let sink = Sink()
        elements.append(sink)
        content = .array(elements)
        return sink
    }
}

private struct Storage: Encoder {
    let sink: Sink
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .empty = sink.content { sink.content = .object([]) }
        return KeyedEncodingContainer(Members(sink: sink, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .empty = sink.content { sink.content = .array([]) }
        return Elements(sink: sink, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeValue(_ value: some Encodable) throws {
        if let date = value as? Date {
            sink.content = .node(.string(Timestamp.text(of: date)))
        } else {
            try value.encode(to: self)
        }
    }
}

extension Storage: SingleValueEncodingContainer {
    func encodeNil() { sink.content = .node(.null) }
    func encode(_ value: Bool) { sink.content = .node(.bool(value)) }
    func encode(_ value: String) { sink.content = .node(.string(value)) }
    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: codingPath, debugDescription: "JSON has no number \(value)")
            )
        }
        sink.content = .node(.number(value.description))
    }
    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Int) { encodeInteger(value) }
    func encode(_ value: Int8) { encodeInteger(value) }
    func encode(_ value: Int16) { encodeInteger(value) }
    func encode(_ value: Int32) { encodeInteger(value) }
    func encode(_ value: Int64) { encodeInteger(value) }
    func encode(_ value: UInt) { encodeInteger(value) }
    func encode(_ value: UInt8) { encodeInteger(value) }
    func encode(_ value: UInt16) { encodeInteger(value) }
    func encode(_ value: UInt32) { encodeInteger(value) }
    func encode(_ value: UInt64) { encodeInteger(value) }
    func encode(_ value: some Encodable) throws { try encodeValue(value) }

    private func encodeInteger(_ value: some BinaryInteger) {
        sink.content = .node(.number(String(value)))
    }
}

private struct Elements: UnkeyedEncodingContainer {
    let sink: Sink
    let codingPath: [any CodingKey]
    var count: Int {
        guard case .array(let elements) = sink.content else { return 0 }
        return elements.count
    }

    func encodeNil() { sink.element().content = .node(.null) }

    func encode(_ value: some Encodable) throws {
        try Storage(sink: sink.element(), codingPath: codingPath).encodeValue(value)
    }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        Storage(sink: sink.element(), codingPath: codingPath).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        Storage(sink: sink.element(), codingPath: codingPath).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { Storage(sink: sink.element(), codingPath: codingPath) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: Sink
    let codingPath: [any CodingKey]

    private func storage(_ key: some CodingKey) -> Storage {
        Storage(sink: sink.member(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { storage(key).encodeNil() }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        try storage(key).encodeValue(value)
    }

    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
    func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws {
        try optional(value, key)
    }

    private func optional(_ value: (some Encodable)?, _ key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        storage(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        storage(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        Storage(sink: sink.member("super"), codingPath: codingPath)
    }

    func superEncoder(forKey key: Key) -> any Encoder { storage(key) }
}
