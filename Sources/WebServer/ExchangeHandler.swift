import NIOCore
import NIOHTTP1

/// Puts requests together under the limits, and minds the clock of a connection.
///
/// Lives on the channel's thread alone. A refused connection gets its answer, is then read to the end
/// without looking (closing at once would reset it, and the client would lose the answer), and is closed.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = Exchange.Arrival
    typealias OutboundIn = Exchange.Part
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Next is `receiving`.
        case waiting
        /// Next is `waiting`, or `draining` when it gets too much.
        case receiving(HTTPRequestHead, body: ByteBuffer)
        /// The end: the answer is out, or soon will be.
        case draining
    }

    /// How long the client of a closing connection may take to read the last answer.
    private static let drainingTime = TimeAmount.seconds(2)

    private let limits: WebLimits
    private let patience: TimeAmount
    private var state = State.waiting
    private var unanswered = 0
    private var unflushed = 0
    private var arrivalClock: Scheduled<Void>?
    private var departureClock: Scheduled<Void>?

    init(limits: WebLimits) {
        self.limits = limits
        patience = TimeAmount(limits.patience)
    }

    func channelActive(context: ChannelHandlerContext) {
        startArrivalClock(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        arrivalClock?.cancel()
        departureClock?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (_, .draining): break
        case (.head(let head), .waiting), (.head(let head), .receiving): begin(head, context)
        case (.body(let piece), .receiving(let head, var body)):
            guard body.readableBytes + piece.readableBytes <= limits.bodyInBytes else {
                return refuse(.payloadTooLarge, context)
            }
            state = .waiting  // lets go of the buffer, so that it grows in place
            body.writeImmutableBuffer(piece)
            state = .receiving(head, body: body)
        case (.end, .receiving(let head, let body)): finish(head, body, context)
        case (.body, .waiting), (.end, .waiting): break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error, state) {
        case (_, .draining): break
        case (HTTPParserError.headerOverflow, _): refuse(.requestHeaderFieldsTooLarge, context)
        case (is HTTPParserError, _): refuse(.badRequest, context)
        default: context.close(promise: nil)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): send(.head(head), context, promise)
        case .body(let bytes): send(.body(.byteBuffer(bytes)), context, promise)
        case .end(let keepsAlive):
            send(.end(nil), context, promise) { [self] in
                unanswered -= 1
                if case .draining = state { return }
                if !keepsAlive { return drain(context) }
                if case .waiting = state, unanswered == 0 { startArrivalClock(context) }
            }
        }
    }

    // MARK: Arrival

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        guard length <= limits.bodyInBytes else { return refuse(.payloadTooLarge, context) }
        guard head.version.major == 1 else { return refuse(.httpVersionNotSupported, context) }
        // RFC 9112 section 3.2: a request of HTTP/1.1 names its host.
        guard head.version == .http1_0 || head.headers.contains(name: "Host") else {
            return refuse(.badRequest, context)
        }
        if head.headers[canonicalForm: "Expect"].contains(where: {
            $0.lowercased() == "100-continue"
        }) {
            let go = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
        }
        if arrivalClock == nil { startArrivalClock(context) }
        state = .receiving(head, body: ByteBuffer())
    }

    private func finish(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        guard let target = RequestTarget(head.uri) else { return refuse(.badRequest, context) }
        state = .waiting
        arrivalClock?.cancel()
        arrivalClock = nil
        unanswered += 1
        let request = WebRequest(
            method: head.method.rawValue,
            path: target.path,
            query: target.query,
            headers: WebHeaders(head.headers.map { (name: $0.name, value: $0.value) }),
            body: Array(body.readableBytesView)
        )
        let arrival = Exchange.Arrival(
            request: request,
            version: head.version,
            keepsAlive: head.version != .http1_0 && head.isKeepAlive
        )
        context.fireChannelRead(wrapInboundOut(arrival))
    }

    /// The client has `patience` for the wait and the whole request together, however it drips.
    private func startArrivalClock(_ context: ChannelHandlerContext) {
        arrivalClock?.cancel()
        arrivalClock = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { [self] in
            switch state {
            case .waiting: context.close(promise: nil)
            case .receiving: refuse(.requestTimeout, context)
            case .draining: break
            }
        }
    }

    // MARK: Departure

    private func send(
        _ part: HTTPServerResponsePart,
        _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?,
        then done: @escaping () -> Void = {}
    ) {
        unflushed += 1
        if departureClock == nil { startDepartureClock(context) }
        let sent = promise ?? context.eventLoop.makePromise()
        sent.futureResult.assumeIsolated().whenComplete { [self] result in
            unflushed -= 1
            departureClock?.cancel()
            departureClock = nil
            switch result {
            case .success:
                if unflushed > 0 { startDepartureClock(context) }
                done()
            case .failure: context.close(promise: nil)
            }
        }
        context.write(wrapOutboundOut(part), promise: sent)
    }

    private func startDepartureClock(_ context: ChannelHandlerContext) {
        departureClock = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            context.close(promise: nil)
        }
    }

    /// An answer of our own, after which nothing of this connection is looked at any more.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        state = .draining
        // An answer to an earlier request is still being made: one in between would be taken for it.
        guard unanswered == 0 else { return context.close(promise: nil) }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: status,
            headers: ["Content-Length": "0", "Connection": "close"]
        )
        send(.head(head), context, nil)
        send(.end(nil), context, nil) { [self] in drain(context) }
        context.flush()
    }

    private func drain(_ context: ChannelHandlerContext) {
        state = .draining
        arrivalClock?.cancel()
        context.close(mode: .output, promise: nil)
        context.read()
        arrivalClock = context.eventLoop.assumeIsolated().scheduleTask(in: Self.drainingTime) {
            context.close(promise: nil)
        }
    }
}
