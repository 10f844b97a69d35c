import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A server of raw sockets that plays one script a connection.
final class LoopbackServer: Sendable {
    enum Step: Sendable {
        /// Reads one request whole, and tells of it.
        case readRequest
        case send(String)
        case sendZeros(Int)
        /// Ends the connection with a TCP reset.
        case reset
        /// Says nothing until the client has hung up, and tells of that.
        case waitForHangUp
    }

    enum Event: Equatable, Sendable {
        case connected
        case request(String)
        case hungUp
    }

    let port: UInt16
    /// What happened, in order; ends with the last script.
    let events: AsyncStream<Event>
    var url: String { "http://127.0.0.1:\(port)" }

    private struct SocketError: Error {}

    /// Listens at once; the connections play `scripts` one after the other, and then nobody listens.
    init(_ scripts: [[Step]]) throws {
        let listener = try Self.listen()
        port = try Self.port(of: listener)
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        DispatchQueue(label: "loopback").async {
            for script in scripts {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                continuation.yield(.connected)
                Self.play(script, on: connection, continuation)
                close(connection)
            }
            close(listener)
            continuation.finish()
        }
    }

    /// A port where nobody listens.
    static func makeDeadPort() throws -> UInt16 {
        let listener = try listen()
        defer { close(listener) }
        return try port(of: listener)
    }

    private static func play(
        _ script: [Step],
        on connection: Int32,
        _ events: AsyncStream<Event>.Continuation
    ) {
        for step in script {
            switch step {
            case .readRequest:
                guard let request = readRequest(connection) else { return }
                events.yield(.request(request))
            case .send(let text): write(Array(text.utf8), to: connection)
            case .sendZeros(let count): write([UInt8](repeating: 0, count: count), to: connection)
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    connection,
                    SOL_SOCKET,
                    SO_LINGER,
                    &linger,
                    socklen_t(MemoryLayout<linger>.size)
                )
            case .waitForHangUp:
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                events.yield(.hungUp)
            }
        }
    }

    /// Head and body; the length comes from Content-Length.
    private static func readRequest(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        var missing: Int?
        while missing != 0 {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
            if let known = missing {
                missing = known - 1
            } else if bytes.suffix(4) == Array("\r\n\r\n".utf8) {
                let head = String(decoding: bytes, as: UTF8.self).lowercased()
                let lines = head.split(whereSeparator: \.isNewline)
                let length = lines.first { $0.hasPrefix("content-length: ") }?.dropFirst(16)
                missing = length.flatMap { Int($0) } ?? 0
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, noSignal)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func listen() throws -> Int32 {
        #if canImport(Glibc)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        #if canImport(Darwin)
        let isListening = bound == 0 && Darwin.listen(listener, 16) == 0
        #elseif canImport(Musl)
        let isListening = bound == 0 && Musl.listen(listener, 16) == 0
        #else
        let isListening = bound == 0 && Glibc.listen(listener, 16) == 0
        #endif
        guard isListening else {
            close(listener)
            throw SocketError()
        }
        return listener
    }

    private static func port(of listener: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &size)
            }
        }
        guard status == 0 else { throw SocketError() }
        return UInt16(bigEndian: address.sin_port)
    }

    private static var noSignal: Int32 {
        #if canImport(Darwin)
        0
        #else
        Int32(MSG_NOSIGNAL)
        #endif
    }
}
