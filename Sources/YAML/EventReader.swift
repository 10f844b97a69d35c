private import CYAML

/// libyaml's parser over one text; the only place that touches its memory.
///
/// It owns a copy of the text, because the parser keeps a pointer to it, and frees both. Safe, since neither
/// pointer leaves the class.
@safe final class EventReader {
    /// What libyaml reports, without the stream's own start.
    enum Event {
        case documentStart
        case documentEnd
        case streamEnd
        case alias(String)
        case scalar(String, isPlain: Bool, properties: Properties?)
        case sequenceStart(Properties?)
        case mappingStart(Properties?)
        case collectionEnd
    }

    /// Anchor and tag, of which most nodes have neither.
    struct Properties {
        var anchor: String?
        var tag: String?
    }

    /// libyaml's own account of why it can't go on; lines and columns from 0.
    struct Problem: Error {
        enum Kind {
            /// Bytes that aren't the characters of a YAML file; only the byte's offset is known.
            case unreadable(byteOffset: Int)
            case syntax
            case memory
        }
        var kind: Kind
        var problem: String
        var line: Int
        var column: Int
        var context: String
        var contextLine: Int
        var contextColumn: Int
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// Where the text ends; libyaml counts the end of a text that ends within a line as a line of its own.
    private lazy var end = unsafe SourceText(Array(input)).end

    init(_ bytes: ArraySlice<UInt8>) {
        unsafe input = .allocate(capacity: max(bytes.count, 1))
        _ = unsafe input.initialize(from: bytes)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        // It answers 0 only when memory has run out; the parser is then empty and its first event an error.
        _ = unsafe yaml_parser_initialize(parser)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event and its place.
    func next() throws(Problem) -> (Event, SourcePlace) {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) != 0 else { throw problem() }
            defer { unsafe yaml_event_delete(&event) }
            let place = unsafe Self.place(event.start_mark, event.end_mark)
            switch unsafe event.type {
            case YAML_DOCUMENT_START_EVENT: return (.documentStart, place)
            case YAML_DOCUMENT_END_EVENT: return (.documentEnd, place)
            case YAML_ALIAS_EVENT:
                return unsafe (.alias(Self.string(event.data.alias.anchor) ?? ""), place)
            case YAML_SCALAR_EVENT:
                let scalar = unsafe event.data.scalar
                let text = unsafe String(
                    decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                    as: UTF8.self
                )
                let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
                let properties = unsafe Self.properties(scalar.anchor, scalar.tag)
                let isLeftOut = text.isEmpty && place.column == 1 && place.line > 1
                return (
                    .scalar(text, isPlain: isPlain, properties: properties),
                    isLeftOut ? min(place, end) : place
                )
            case YAML_SEQUENCE_START_EVENT:
                let start = unsafe event.data.sequence_start
                return unsafe (.sequenceStart(Self.properties(start.anchor, start.tag)), place)
            case YAML_MAPPING_START_EVENT:
                let start = unsafe event.data.mapping_start
                return unsafe (.mappingStart(Self.properties(start.anchor, start.tag)), place)
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return (.collectionEnd, place)
            case YAML_STREAM_START_EVENT: continue
            default: return (.streamEnd, place)
            }
        }
    }

    private func problem() -> Problem {
        let parser = unsafe self.parser.pointee
        let kind: Problem.Kind =
            switch unsafe parser.error {
            case YAML_READER_ERROR: unsafe .unreadable(byteOffset: parser.problem_offset)
            case YAML_MEMORY_ERROR: .memory
            default: .syntax
            }
        return unsafe Problem(
            kind: kind,
            problem: parser.problem.map { unsafe String(cString: $0) } ?? "",
            line: parser.problem_mark.line,
            column: parser.problem_mark.column,
            context: parser.context.map { unsafe String(cString: $0) } ?? "",
            contextLine: parser.context_mark.line,
            contextColumn: parser.context_mark.column
        )
    }

    private static func properties(
        _ anchor: UnsafeMutablePointer<UInt8>?,
        _ tag: UnsafeMutablePointer<UInt8>?
    ) -> Properties? {
        guard unsafe anchor != nil || tag != nil else { return nil }
        return unsafe Properties(anchor: string(anchor), tag: string(tag))
    }

    private static func string(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        unsafe pointer.map { unsafe String(cString: $0) }
    }

    private static func place(_ start: yaml_mark_t, _ end: yaml_mark_t) -> SourcePlace {
        SourcePlace(
            line: start.line + 1,
            column: start.column + 1,
            length: start.line == end.line ? end.column - start.column : 1
        )
    }
}
