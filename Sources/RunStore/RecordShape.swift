internal import Domain

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a record is made of, as its type's own `init(from:)` asks for it.
indirect enum RecordShape: Equatable {
    case text
    case integer
    case number
    case boolean
    /// RFC 3339 in UTC.
    case time
    case ticketKey
    /// One of an enum's raw values.
    case word([String])
    case list(RecordShape)
    case record([Member])

    /// One key of a record.
    struct Member: Equatable {
        let name: String
        let shape: RecordShape
        /// Whether it may be left out or null.
        let isOptional: Bool
    }

    /// Why a type has no shape.
    enum Flaw: Error, Equatable {
        /// It asks for something that no record of ours has, such as keys that it makes up as it goes.
        case unknown(String)
    }

    /// Lets the type read from a decoder that answers whatever is asked for and takes notes.
    ///
    /// The keys stand in the order in which they are asked for, which is the one of their declaration.
    ///
    /// - Throws: `Flaw`, and what the type's `init(from:)` throws.
    static func of<Value: Decodable>(_ type: Value.Type) throws -> RecordShape {
        try Probe.answer(type).shape
    }
}

/// The decoder behind `RecordShape.of`.
private struct Probe: Decoder {
    /// Where the shape of one value is noted; a class because containers outlive the call that made them.
    final class Notes {
        var shape: RecordShape?
    }

    let notes = Notes()
    let codingPath: [any CodingKey] = []
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A value of the type, and its shape.
    static func answer<Value: Decodable>(
        _ type: Value.Type
    ) throws -> (value: Value, shape: RecordShape) {
        if let known = leaf(type) ?? word(type) { return known }
        let probe = Probe()
        let value = try type.init(from: probe)
        guard let shape = probe.notes.shape else {
            throw RecordShape.Flaw.unknown("\(type)")
        }
        return (value, shape)
    }

    private static func leaf<Value>(_ type: Value.Type) -> (Value, RecordShape)? {
        let samples: [(Any, RecordShape)] = [
            ("", .text), (0, .integer), (0.0, .number), (false, .boolean),
            (Date(timeIntervalSince1970: 0), .time),
        ]
        let ticket = TicketKey("A-1").map { [($0 as Any, RecordShape.ticketKey)] } ?? []
        for (sample, shape) in samples + ticket where Swift.type(of: sample) == type {
            return (sample as? Value).map { ($0, shape) }
        }
        return nil
    }

    private static func word<Value>(_ type: Value.Type) -> (Value, RecordShape)? {
        func all<Choice: CaseIterable>(_ type: Choice.Type) -> [Any] { type.allCases.map { $0 } }
        guard let choice = type as? any CaseIterable.Type else { return nil }
        let cases = all(choice)
        let words = cases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        guard words.count == cases.count, let first = cases.first as? Value else { return nil }
        return (first, .word(words))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        if notes.shape == nil { notes.shape = .record([]) }
        return KeyedDecodingContainer(Members(notes: notes))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { Elements(notes: notes) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw RecordShape.Flaw.unknown("a single value of an unknown type")
    }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let notes: Probe.Notes
    let codingPath: [any CodingKey] = []
    var allKeys: [Key] { [] }

    private func note(_ key: Key, _ shape: RecordShape, isOptional: Bool) {
        guard case .record(let members) = notes.shape else { return }
        let member = RecordShape.Member(
            name: key.stringValue,
            shape: shape,
            isOptional: isOptional
        )
        notes.shape = .record(members + [member])
    }

    func contains(_ key: Key) -> Bool { true }

    func decodeNil(forKey key: Key) throws -> Bool {
        throw RecordShape.Flaw.unknown(key.stringValue)
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (value, shape) = try Probe.answer(type)
        note(key, shape, isOptional: false)
        return value
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        note(key, try Probe.answer(type).shape, isOptional: true)
        return nil
    }

    // Those that the compiler prefers to the generic one.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        note(key, .boolean, isOptional: true)
        return nil
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        note(key, .text, isOptional: true)
        return nil
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        note(key, .number, isOptional: true)
        return nil
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        note(key, .integer, isOptional: true)
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw RecordShape.Flaw.unknown(key.stringValue)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw RecordShape.Flaw.unknown(key.stringValue)
    }

    func superDecoder() throws -> any Decoder { throw RecordShape.Flaw.unknown("super") }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        throw RecordShape.Flaw.unknown(key.stringValue)
    }
}

/// A list of one element, which shows what all of them are.
private struct Elements: UnkeyedDecodingContainer {
    let notes: Probe.Notes
    let codingPath: [any CodingKey] = []
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex == 1 }
    private(set) var currentIndex = 0

    init(notes: Probe.Notes) { self.notes = notes }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, shape) = try Probe.answer(type)
        notes.shape = .list(shape)
        currentIndex = 1
        return value
    }

    mutating func decodeNil() throws -> Bool { throw RecordShape.Flaw.unknown("a list of nulls") }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        throw RecordShape.Flaw.unknown("a list")
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw RecordShape.Flaw.unknown("a list")
    }

    mutating func superDecoder() throws -> any Decoder { throw RecordShape.Flaw.unknown("super") }
}
