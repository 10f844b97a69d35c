import Domain
import Testing

@Suite struct SecretCoverTests {
    private let environment = [
        "API_KEY": "hunter2-hunter2", "OTHER_TOKEN": "hunter2-hunter2-longer",
        "NODE_ENV": "production",
        "SHORT_KEY": "abc", "SSH_AUTH_SOCK": "/tmp/agent.sock",
        "PLAIN": "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
    ]

    /// What comes out when the text comes in pieces of this length.
    private func covered(_ text: String, pieces: Int) -> String {
        var cover = SecretCover(of: environment)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            result += cover.take(Array(bytes[start..<min(start + pieces, bytes.count)]))
        }
        return String(decoding: result + cover.finish(), as: UTF8.self)
    }

    @Test(arguments: [1, 2, 7, 15, 16, 1000])
    func `values are covered however the output comes in pieces, and all else stays`(pieces: Int) {
        let text = """
            k=hunter2-hunter2, again hunter2-hunter2hunter2-hunter2-longer. production abc /tmp/agent.sock hunter2-hunt
            ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5 hhunter2-hunter2
            """
        let expected = """
            k=[value of API_KEY], again [value of API_KEY][value of OTHER_TOKEN]. production abc /tmp/agent.sock hunter2-hunt
            [value of PLAIN] h[value of API_KEY]
            """
        // In small pieces the shorter of two that begin alike may be seen first; nothing of it is shown all the same.
        let shown = covered(text, pieces: pieces)
        #expect(!shown.contains("hunter2-hunter2") && !shown.contains("ghp_"))
        if pieces == 1000 { #expect(shown == expected) }
        #expect(shown.hasPrefix("k=[value of API_KEY], again [value of API_KEY]"))
    }

    @Test func `a beginning that comes to nothing isn't lost`() {
        #expect(covered("hunter2-hun", pieces: 3) == "hunter2-hun")
        #expect(covered("hunter2-hun\nter2", pieces: 4) == "hunter2-hun\nter2")
    }
}
