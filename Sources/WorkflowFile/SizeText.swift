/// Sizes as workflow files write them: `40KB`, `10MB`, `2GB`, `500B`; a thousand bytes are 1KB.
enum SizeText {
    private static let units: [(name: String, bytes: Int)] = [
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1),
    ]

    /// What `bytes(of:)` takes, as a regular expression for the schema.
    static let pattern = "^[0-9]{1,9}(B|KB|MB|GB)$"

    /// The size in bytes, or `nil` when `text` is none.
    static func bytes(of text: String) -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard (1...9).contains(digits.utf8.count), let number = Int(digits),
            let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
        else { return nil }
        return number * unit.bytes
    }

    /// The size in the same writing, for defaults and messages.
    static func text(of bytes: Int) -> String {
        let unit = units.first { bytes >= $0.bytes && bytes.isMultiple(of: $0.bytes) }
        return "\(bytes / (unit?.bytes ?? 1))\(unit?.name ?? "B")"
    }
}
