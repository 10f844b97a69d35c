/// Counts as workflow files write them: `500000`, `500k`, `2M`.
package enum CountText {
    private static let units: [(name: String, count: Int)] = [("M", 1_000_000), ("k", 1000)]

    /// What `count(of:)` takes, as a regular expression for the schema.
    static let pattern = "^[0-9]{1,9}(k|M)?$"

    /// The number, or `nil` when `text` is none.
    package static func count(of text: String) -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard (1...9).contains(digits.utf8.count), let number = Int(digits) else { return nil }
        let name = text.dropFirst(digits.count)
        if name.isEmpty { return number }
        return units.first { $0.name == name }.map { number * $0.count }
    }

    /// The number in the same writing, for defaults and messages.
    package static func text(of count: Int) -> String {
        let unit = units.first { count >= $0.count && count.isMultiple(of: $0.count) }
        return "\(count / (unit?.count ?? 1))\(unit?.name ?? "")"
    }
}
