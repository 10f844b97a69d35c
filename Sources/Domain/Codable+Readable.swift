import SystemPackage

// Records hold durations as a number of seconds and paths as text; the forms that the types bring
// along are a pair of integers and a structure of bytes, which no person can read. The synthesized
// conformances of this room pick these overloads up.

extension KeyedEncodingContainer {
    mutating func encode(_ value: Duration, forKey key: Key) throws {
        try encode(value.inSeconds, forKey: key)
    }

    mutating func encodeIfPresent(_ value: Duration?, forKey key: Key) throws {
        try encodeIfPresent(value?.inSeconds, forKey: key)
    }

    mutating func encode(_ value: FilePath, forKey key: Key) throws {
        try encode(value.string, forKey: key)
    }
}

extension KeyedDecodingContainer {
    func decode(_ type: Duration.Type, forKey key: Key) throws -> Duration {
        Duration(inSeconds: try decode(Double.self, forKey: key))
    }

    func decodeIfPresent(_ type: Duration.Type, forKey key: Key) throws -> Duration? {
        try decodeIfPresent(Double.self, forKey: key).map(Duration.init(inSeconds:))
    }

    func decode(_ type: FilePath.Type, forKey key: Key) throws -> FilePath {
        FilePath(try decode(String.self, forKey: key))
    }
}
