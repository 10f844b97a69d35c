internal import YAML

/// Where a key and its value stand.
struct KeySite {
    let node: YAMLNode
    let keyPlace: SourcePlace
    /// Whether they stand in the configuration's defaults, not in the file itself.
    var isInherited = false

    /// Where the value stands.
    var value: FilePlace { FilePlace(place: node.place, isInherited: isInherited) }

    /// Where the key stands.
    var key: FilePlace { FilePlace(place: keyPlace, isInherited: isInherited) }
}

/// A place in the file that is being read, or in the configuration whose defaults it has.
struct FilePlace {
    let place: SourcePlace
    let isInherited: Bool
}

/// What a file has from the configuration's defaults.
struct InheritedKeys {
    /// The configuration as the user named it.
    let file: String
    let source: SourceText
    let sites: [String: KeySite]
}
