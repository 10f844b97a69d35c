/// Why there is no such zone.
package enum ZoneError: Error, Equatable, Sendable {
    /// No name of a zone; such a one could leave the folder of the zone files.
    case badName(String)
    case unknown(String, nearest: String?)
    /// None of the folders exists or holds zones.
    case noZoneFiles(String, searched: [String])
    /// The file's content isn't what RFC 9636 says.
    case malformed(path: String, reason: String)
    /// The variable `TZ` names nothing that is understood.
    case badVariable(String)
}

extension ZoneError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badName(let name):
            "'\(name.printable)' is no time zone; write an IANA name such as Europe/Berlin, or UTC"
        case .unknown(let name, let nearest):
            "there is no time zone '\(name)'; "
                + (nearest.map { "did you mean '\($0)'?" }
                    ?? "write an IANA name such as Europe/Berlin, or UTC")
        case .noZoneFiles(let name, let searched):
            "no time zones on this machine to find '\(name)' in "
                + "(looked in \(searched.joined(separator: ", "))); "
                + "install the package tzdata, set TZDIR, or write UTC"
        case .malformed(let path, let reason):
            "\(path): the time zone file \(reason); install the package tzdata again"
        case .badVariable(let value):
            "the variable TZ is '\(value.printable)', which is no time zone; "
                + "set it to an IANA name such as Europe/Berlin, or unset it"
        }
    }
}

extension String {
    /// Names have an end, whatever a user wrote.
    fileprivate var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(64))).withoutControls
    }
}
