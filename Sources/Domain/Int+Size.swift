extension Int {
    /// A number of bytes as a person would say it: `640 MB`, `4.2 GB`; a thousand bytes are 1 KB.
    package var bytesInWords: String {
        let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "KB")]
        guard let (size, name) = units.first(where: { self >= $0.0 }) else { return "\(self) B" }
        let (whole, tenths) = (self / size, self % size / (size / 10))
        return whole >= 100 || tenths == 0 ? "\(whole) \(name)" : "\(whole).\(tenths) \(name)"
    }
}
