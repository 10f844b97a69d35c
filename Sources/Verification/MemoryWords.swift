import Domain

/// What is said of a command that was ended for its memory.
enum MemoryWords {
    static func reason(held: Int, limit: Int?) -> String {
        "ended since it held \(held.bytesInWords) of memory with all that it had started"
            + (limit.map { "; agent.memory allows \($0.bytesInWords)" } ?? "")
    }
}
