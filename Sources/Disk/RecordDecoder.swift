#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a record back; unknown members are passed over, so that a newer writer's additions do no harm.
package enum RecordDecoder {
    /// - Throws: `DecodingError`; `explanation(of:)` puts it into words.
    package static func value<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8]
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = Timestamp.date(of: text) else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "'\(text)' isn't a time such as 2026-11-23T19:40:02Z"
                )
            }
            return date
        }
        return try decoder.decode(type, from: Data(bytes))
    }

    /// Reads a record that an older program may have written, which didn't have all of today's members.
    ///
    /// - Parameters:
    ///   - type: What the record holds.
    ///   - bytes: The record.
    ///   - whole: A record with today's members and their defaults, which stand in for those that are missing.
    /// - Returns: The record.
    /// - Throws: `DecodingError`, also for a member that is missing and has no default.
    package static func value<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        completedFrom whole: @autoclosure () throws -> JSONNode
    ) throws -> Value {
        do {
            return try value(type, from: bytes)
        } catch DecodingError.keyNotFound(var key, var context) {
            let whole = try whole()
            var record = try value(JSONNode.self, from: bytes)
            while true {
                let path = context.codingPath + [key]
                guard let standIn = whole.value(at: path), record.insert(standIn, at: path) else {
                    throw DecodingError.keyNotFound(key, context)
                }
                do {
                    return try value(type, from: Array(record.lineText.utf8))
                } catch DecodingError.keyNotFound(let nextKey, let nextContext) {
                    (key, context) = (nextKey, nextContext)
                }
            }
        }
    }

    /// What is wrong with a record, for the person who edited it.
    package static func explanation(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context):
            return "\(place(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context): return "\(place(context.codingPath)) is null"
        case .typeMismatch(let type, let context):
            return "\(place(context.codingPath)) isn't a \(type)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it isn't valid JSON"
                : "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text.isEmpty ? "the record" : text
    }
}
