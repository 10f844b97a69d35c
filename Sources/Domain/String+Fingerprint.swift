extension String {
    /// A short name for a text, the same on every machine: FNV-1a with 64 bits, as 16 digits.
    ///
    /// It tells files apart; it's no protection against somebody who wants two texts to have one.
    package var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
