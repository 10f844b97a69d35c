/// Turns events into nodes and notes what is wrong on the way.
struct TreeBuilder {
    /// A sequence or mapping that isn't closed yet.
    ///
    /// A class, since an array in an enum's payload would be copied at each append.
    private final class Frame {
        enum Key {
            case none
            case text(String, SourcePlace)
            case merge
            /// Its value is read and dropped.
            case unusable
        }
        let isMapping: Bool
        let place: SourcePlace
        let anchor: String?
        var items: [YAMLNode] = []
        private(set) var entries: [YAMLEntry] = []
        var key = Key.none
        var merged: YAMLNode?
        var weight = Weight()
        /// Few keys are compared one by one, many are looked up here.
        private var places: [String: SourcePlace] = [:]
        private static let few = 12

        init(isMapping: Bool, place: SourcePlace, anchor: String?) {
            self.isMapping = isMapping
            self.place = place
            self.anchor = anchor
        }

        func append(_ entry: YAMLEntry) {
            entries.append(entry)
            if entries.count == Self.few {
                for entry in entries { places[entry.key] = entry.keyPlace }
            } else if entries.count > Self.few {
                places[entry.key] = entry.keyPlace
            }
        }

        func place(of key: String) -> SourcePlace? {
            entries.count < Self.few
                ? entries.first { $0.key == key }?.keyPlace : places[key]
        }
    }

    /// How much a node holds once its aliases are followed.
    private struct Weight {
        var nodes = 1
        var depth = 0
    }

    /// Ends the reading after it was reported why.
    private struct Refusal: Error {}

    /// What was found so far, without source lines.
    private(set) var diagnostics: [Diagnostic] = []
    private let file: String
    private let limits: YAMLDocument.Limits
    private var frames: [Frame] = []
    private var anchors: [String: (node: YAMLNode, weight: Weight)] = [:]
    private var aliasedNodes = 0
    /// Where aliases stand that were reported to name nothing; a null stands in for each of them.
    private var deadAliases: Set<SourcePlace> = []
    private var root: YAMLNode?

    init(file: String, limits: YAMLDocument.Limits) {
        self.file = file
        self.limits = limits
    }

    mutating func report(_ place: SourcePlace?, _ message: String, hint: String? = nil) {
        diagnostics.append(Diagnostic(file: file, place: place, message: message, hint: hint))
    }

    /// Reads to the end of the stream.
    ///
    /// - Returns: The root, `nil` for an empty file and for one that was refused.
    mutating func build(from events: EventReader) throws(EventReader.Problem) -> YAMLNode? {
        var documents = 0
        while true {
            let (event, place) = try events.next()
            do throws(Refusal) {
                switch event {
                case .documentStart:
                    documents += 1
                    if documents > 1 {
                        report(
                            place,
                            "a second document starts here; a file holds one",
                            hint:
                                "remove the '---' line, or move what follows it to a file of its own"
                        )
                        throw Refusal()
                    }
                case .documentEnd: break
                case .streamEnd: return root
                case .alias(let name): try addAlias(name, at: place)
                case .scalar(let text, let isPlain, let properties):
                    try addScalar(text, isPlain: isPlain, properties: properties, at: place)
                case .sequenceStart(let properties):
                    try open(isMapping: false, properties: properties, at: place)
                case .mappingStart(let properties):
                    try open(isMapping: true, properties: properties, at: place)
                case .collectionEnd: try close()
                }
                if diagnostics.count >= limits.diagnostics { throw Refusal() }
            } catch {
                return nil
            }
        }
    }

    private mutating func addScalar(
        _ text: String,
        isPlain: Bool,
        properties: EventReader.Properties?,
        at place: SourcePlace
    ) throws(Refusal) {
        var scalar = YAMLScalar(text: text, isPlain: isPlain)
        if let tag = properties?.tag {
            let known = Tags.scalar(tag)
            scalar = YAMLScalar(text: text, isPlain: isPlain, tag: known ?? .none)
            if known == nil || !scalar.agreesWithTag {
                reportTag(tag, of: ShownText.quoted(text), at: place)
            }
        }
        let node = YAMLNode(content: .scalar(scalar), place: place)
        if let anchor = properties?.anchor { anchors[anchor] = (node, Weight()) }
        try add(node, weight: Weight())
    }

    private mutating func addAlias(_ name: String, at place: SourcePlace) throws(Refusal) {
        guard let (node, weight) = anchors[name] else {
            let isOpen = frames.contains { $0.anchor == name }
            report(
                place,
                isOpen
                    ? "the alias \(ShownText.quoted("*" + name)) stands inside what it refers to"
                    : "no anchor \(ShownText.quoted("&" + name)) stands before this alias",
                hint: isOpen
                    ? "write the value out"
                    : "set the anchor where the value is first written, or put the text in quotes"
            )
            deadAliases.insert(place)
            let null = YAMLScalar(text: "", isPlain: true)
            return try add(YAMLNode(content: .scalar(null), place: place), weight: Weight())
        }
        try spend(weight.nodes, at: place)
        try checkDepth(frames.count + weight.depth, at: place)
        try add(YAMLNode(content: node.content, place: place), weight: weight)
    }

    private mutating func open(
        isMapping: Bool,
        properties: EventReader.Properties?,
        at place: SourcePlace
    ) throws(Refusal) {
        if let tag = properties?.tag, !Tags.isCollection(tag, mapping: isMapping) {
            reportTag(tag, of: isMapping ? "a mapping" : "a list", at: place)
        }
        try checkDepth(frames.count + 1, at: place)
        frames.append(Frame(isMapping: isMapping, place: place, anchor: properties?.anchor))
    }

    private mutating func close() throws(Refusal) {
        guard let frame = frames.popLast() else { return }
        if let merged = frame.merged { merge(merged, into: frame) }
        let content: YAMLNode.Content =
            frame.isMapping ? .mapping(frame.entries) : .sequence(frame.items)
        let node = YAMLNode(content: content, place: frame.place)
        frame.weight.depth += 1
        if let anchor = frame.anchor { anchors[anchor] = (node, frame.weight) }
        try add(node, weight: frame.weight)
    }

    private mutating func add(_ node: YAMLNode, weight: Weight) throws(Refusal) {
        guard let frame = frames.last else {
            root = node
            return
        }
        frame.weight.nodes += weight.nodes
        frame.weight.depth = max(frame.weight.depth, weight.depth)
        guard frame.isMapping else { return frame.items.append(node) }
        switch frame.key {
        case .none: frame.key = key(from: node, in: frame)
        case .unusable: frame.key = .none
        case .merge:
            frame.key = .none
            frame.merged = node
        case .text(let text, let place):
            frame.key = .none
            frame.append(YAMLEntry(key: text, keyPlace: place, value: node))
        }
    }

    private mutating func key(from node: YAMLNode, in frame: Frame) -> Frame.Key {
        guard !deadAliases.contains(node.place) else { return .unusable }
        guard case .scalar(let scalar) = node.content else {
            report(node.place, Self.collectionAsKey, hint: Self.collectionAsKeyHint)
            return .unusable
        }
        if scalar.isPlain, scalar.text == "<<", scalar.tag == .none {
            guard frame.merged != nil else { return .merge }
            report(
                node.place,
                "the merge key '<<' is set a second time",
                hint: "merge several mappings with one key: <<: [*first, *second]"
            )
            return .unusable
        }
        if let first = frame.place(of: scalar.text) {
            report(
                node.place,
                "the key \(ShownText.quoted(scalar.text)) is set a second time; it is first set in"
                    + " line \(first.line)",
                hint: "keep one of the two"
            )
            return .unusable
        }
        return .text(scalar.text, node.place)
    }

    /// Adds what `<<` names and the mapping doesn't set itself; of several sources the first one wins.
    private mutating func merge(_ merged: YAMLNode, into frame: Frame) {
        let sources: [YAMLNode] =
            switch merged.content {
            case .sequence(let items): items
            case .mapping, .scalar: [merged]
            }
        for source in sources where !deadAliases.contains(source.place) {
            guard case .mapping(let entries) = source.content else {
                report(
                    source.place,
                    "'<<' merges mappings, and this is none",
                    hint: "name one with an anchor: <<: *defaults"
                )
                continue
            }
            for entry in entries where frame.place(of: entry.key) == nil { frame.append(entry) }
        }
    }

    private mutating func spend(_ nodes: Int, at place: SourcePlace) throws(Refusal) {
        aliasedNodes += nodes
        guard aliasedNodes > limits.aliasedNodes else { return }
        report(
            place,
            "the aliases of this file stand for more than \(limits.aliasedNodes) values",
            hint: "write out what is needed, or use fewer aliases inside one another"
        )
        throw Refusal()
    }

    private mutating func checkDepth(_ depth: Int, at place: SourcePlace) throws(Refusal) {
        guard depth > limits.depth else { return }
        report(
            place,
            "lists and mappings stand more than \(limits.depth) deep inside one another",
            hint: "look for brackets that are never closed"
        )
        throw Refusal()
    }

    /// - Parameters:
    ///   - tag: As libyaml gives it.
    ///   - value: What bears the tag, for the message.
    ///   - place: Where it stands.
    private mutating func reportTag(_ tag: String, of value: String, at place: SourcePlace) {
        if Tags.isKnown(tag) {
            report(
                place,
                "\(value) isn't what its tag \(Tags.shown(tag)) says",
                hint: "remove the tag"
            )
        } else {
            report(
                place,
                "the tag \(ShownText.quoted(Tags.shown(tag))) isn't known here; known are !!str, !!int,"
                    + " !!float, !!bool, !!null, !!seq and !!map",
                hint: "remove the tag, or put the text in quotes"
            )
        }
    }

    private static let collectionAsKey = "a list or mapping stands where a key is expected"
    private static let collectionAsKeyHint = "a key is plain text, such as 'name: value'"

    /// Adds what only a look at the text can tell: `{{` without quotes is a mapping in a mapping to YAML.
    static func explained(_ diagnostics: [Diagnostic], in source: SourceText) -> [Diagnostic] {
        diagnostics.map { diagnostic in
            guard diagnostic.message == collectionAsKey, let place = diagnostic.place,
                place.column > 1
            else { return diagnostic }
            let start = source.line(place.line).unicodeScalars.dropFirst(place.column - 2)
            guard start.starts(with: "{{".unicodeScalars) else { return diagnostic }
            var result = diagnostic
            result.place = SourcePlace(line: place.line, column: place.column - 1, length: 2)
            result.message = "'{{' without quotes starts a mapping in YAML"
            result.hint = #"put the whole template in quotes: "{{ ticket.key }}""#
            return result
        }
    }
}

/// The tags of the core schema.
private enum Tags {
    private static let prefix = "tag:yaml.org,2002:"

    static func scalar(_ tag: String) -> YAMLScalar.Tag? {
        switch tag {
        case "!", prefix + "str": .string
        case prefix + "int": .integer
        case prefix + "float": .float
        case prefix + "bool": .boolean
        case prefix + "null": .null
        default: nil
        }
    }

    /// Whether the core schema has the tag, for whatever kind of node.
    static func isKnown(_ tag: String) -> Bool {
        scalar(tag) != nil || isCollection(tag, mapping: true) || isCollection(tag, mapping: false)
    }

    static func isCollection(_ tag: String, mapping: Bool) -> Bool {
        tag == "!" || tag == prefix + (mapping ? "map" : "seq")
    }

    /// As it is written in a file.
    static func shown(_ tag: String) -> String {
        tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    }
}
