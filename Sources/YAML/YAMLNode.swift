/// A value of a YAML file and the place where it stands.
package struct YAMLNode: Sendable {
    /// What a value is made of.
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the file, each key once, merged entries last.
        case mapping([YAMLEntry])
    }

    /// What stands there.
    package let content: Content
    /// The place of its first character; for an alias, the place of the alias.
    package let place: SourcePlace

    package init(content: Content, place: SourcePlace) {
        self.content = content
        self.place = place
    }

    /// The value of a key when this is a mapping that has it.
    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// The scalar's value, `nil` for a sequence or mapping.
    package var scalar: YAMLScalar.Value? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar.value
    }
}

/// One key of a mapping with its value.
package struct YAMLEntry: Sendable {
    /// The key's text; `1` and `"1"` are the same key.
    package let key: String
    /// Where the key stands.
    package let keyPlace: SourcePlace
    /// The value; null when the key has none.
    package let value: YAMLNode

    package init(key: String, keyPlace: SourcePlace, value: YAMLNode) {
        self.key = key
        self.keyPlace = keyPlace
        self.value = value
    }
}
