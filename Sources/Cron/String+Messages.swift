extension String {
    /// The text with a question mark for whatever could move a terminal's cursor.
    var withoutControls: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let isControl = scalar.value < 32 || (127...159).contains(scalar.value)
            scalars.append(isControl ? "?" : scalar)
        }
        return String(scalars)
    }

    /// The name that this one is most likely a slip of: at most a third of it differs.
    func nearest(in names: [String]) -> String? {
        let lowercase = Array(lowercased().unicodeScalars)
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = Self.distance(lowercase, Array(name.lowercased().unicodeScalars))
            if distance <= Swift.max(1, lowercase.count / 3), distance < best?.distance ?? .max {
                best = (name, distance)
            }
        }
        return best?.name
    }

    /// Levenshtein's: how many scalars to insert, remove or replace.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (line, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (scalar == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
