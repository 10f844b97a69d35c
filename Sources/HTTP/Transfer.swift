import CCurl

/// One request on its way: the owner of its easy handle and of what has arrived so far.
///
/// `@safe`: the three pointers are made in `init`, freed in `deinit` and never handed on.
@safe final class Transfer {
    /// Freed with the transfer, which must have left the multi handle by then.
    let easy: UnsafeMutableRawPointer
    let answer: TransferLoop.Answer

    private let request: HTTPRequest
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private var headers = HTTPHeaders()
    private var headSize = 0
    private var body: [UInt8] = []
    private var isTooLarge = false

    /// What a head may take up; the largest that common servers send is 64 KB.
    private static let maximumHeadSize = 256 * 1024

    /// - Throws: `unsendable`, when the request would break its own lines; `unavailable` without memory.
    init(
        _ request: HTTPRequest,
        settings: HTTPClient.Settings,
        answer: TransferLoop.Answer
    ) throws(HTTPError) {
        try Self.check(request)
        guard let easy = unsafe curl_easy_init() else {
            throw .unavailable(why: "libcurl has no memory left")
        }
        unsafe self.easy = unsafe easy
        self.request = request
        self.answer = answer
        let size = Int(CURL_ERROR_SIZE)
        unsafe errorText = .allocate(capacity: size)
        unsafe errorText.initialize(repeating: 0, count: size)
        try setUp(settings)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(fields)
        unsafe errorText.deallocate()
    }

    /// Whether any of the request has left.
    var wasSent: Bool {
        var size = 0
        unsafe linecook_curl_get_long(easy, CURLINFO_REQUEST_SIZE, &size)
        return size > 0
    }

    /// The answer, or why there is none, once libcurl is done with the transfer.
    func outcome(of code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        guard code == CURLE_OK else { return .failure(error(of: code)) }
        var status = 0
        unsafe linecook_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    private func error(of code: CURLcode) -> HTTPError {
        let host = request.host
        if isTooLarge { return .tooLarge(host: host, limit: request.maximumBodySize) }
        switch code {
        case CURLE_FILESIZE_EXCEEDED:
            return .tooLarge(host: host, limit: request.maximumBodySize)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            return .unsendable(host: host, why: explanation(of: code))
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT:
            return .unreachable(host: host, why: explanation(of: code))
        case CURLE_OPERATION_TIMEDOUT:
            let sent = wasSent
            let limit = sent ? request.timeout : min(request.timeout, request.connectTimeout)
            return .timedOut(host: host, after: limit, sent: sent)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS:
            return .untrusted(host: host, why: explanation(of: code))
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN:
            return .unavailable(why: explanation(of: code))
        default:
            // Send and receive errors, a short body, broken chunks, HTTP/2 resets: all the connection's.
            return .interrupted(host: host, why: explanation(of: code), sent: wasSent)
        }
    }

    private func explanation(of code: CURLcode) -> String {
        let detail = unsafe String(cString: errorText)
        let text = detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
        let clean = text.unicodeScalars.lazy.filter(\.isPrintable).prefix(300)
        return String(String.UnicodeScalarView(clean))
    }

    // MARK: - Setting up

    private static func check(_ request: HTTPRequest) throws(HTTPError) {
        let host = request.host
        guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .unsendable(host: host, why: "the address holds a blank or a control character")
        }
        if let field = request.headers.fields.first(where: { !$0.isSendable }) {
            throw .unsendable(
                host: host,
                why: "the header field \(field.name.debugDescription) is malformed"
            )
        }
        let authorization = HTTPHeaders.Field(
            name: "Authorization",
            value: request.authorization?.revealed ?? ""
        )
        guard authorization.isSendable else {
            throw .unsendable(
                host: host,
                why: "the token holds a line break or control character; store it again"
            )
        }
    }

    private func setUp(_ settings: HTTPClient.Settings) throws(HTTPError) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe linecook_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        // The table keeps the transfer while its handle is in the multi handle, so the pointers hold.
        unsafe linecook_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe linecook_curl_set_sink(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe Transfer.from(context).receive(bytes, size * count)
        }
        unsafe linecook_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        unsafe linecook_curl_set_sink(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe Transfer.from(context).receiveHead(bytes, size * count)
        }
        guard unsafe linecook_curl_set_text(easy, CURLOPT_URL, request.url) == CURLE_OK,
            unsafe linecook_curl_allow_http_only(easy) == CURLE_OK
        else { throw .unavailable(why: "libcurl has no memory left, or does without HTTP") }
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_TIMEOUT_MS, request.timeout.inMilliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.inMilliseconds)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_PIPEWAIT, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        unsafe linecook_curl_set_offset(
            easy,
            CURLOPT_MAXFILESIZE_LARGE,
            curl_off_t(max(1, request.maximumBodySize))
        )
        unsafe linecook_curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip")
        unsafe linecook_curl_set_text(easy, CURLOPT_USERAGENT, settings.userAgent)
        if let file = settings.certificateAuthorities {
            unsafe linecook_curl_set_text(easy, CURLOPT_CAINFO, file)
        }
        setBody()
        setFields()
    }

    private func setBody() {
        unsafe linecook_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        switch request.method {
        case .get, .delete: guard !request.body.isEmpty else { return }
        case .post, .put, .patch: break
        }
        unsafe linecook_curl_set_offset(
            easy,
            CURLOPT_POSTFIELDSIZE_LARGE,
            curl_off_t(request.body.count)
        )
        guard !request.body.isEmpty else {
            unsafe linecook_curl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "")
            return
        }
        unsafe request.body.withUnsafeBytes { bytes in
            // libcurl copies them: the array's storage may move once the closure is left.
            let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            _ = unsafe linecook_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, start)
        }
    }

    private func setFields() {
        for field in request.headers.fields {
            // A field without a value is spelled with a semicolon.
            append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if let authorization = request.authorization {
            append("Authorization: \(authorization.revealed)")
        }
        append("Expect:")  // no waiting for a "100 Continue" before a large body
        unsafe linecook_curl_set_list(easy, CURLOPT_HTTPHEADER, fields)
    }

    private func append(_ line: String) {
        guard let list = unsafe curl_slist_append(fields, line) else { return }
        unsafe fields = unsafe list
    }

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe linecook_curl_set_long(easy, option, value)
    }

    // MARK: - Receiving

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Transfer? {
    /// Takes bytes of the body; anything but `size` ends the transfer.
    fileprivate func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
        guard let self, let bytes = unsafe bytes else { return 0 }
        return unsafe self.take(UnsafeRawBufferPointer(start: bytes, count: size)) ? size : 0
    }

    fileprivate func receiveHead(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
        guard let self, let bytes = unsafe bytes else { return 0 }
        return unsafe self.takeHead(UnsafeRawBufferPointer(start: bytes, count: size)) ? size : 0
    }
}

extension Transfer {
    fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= request.maximumBodySize else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// One whole line of the head; a new status line (after `100 Continue`) starts afresh.
    fileprivate func takeHead(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headSize += bytes.count
        guard headSize <= Self.maximumHeadSize else { return false }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers.removeAll()
        } else if let field = HTTPHeaders.Field(line: line[...]) {
            headers.append(field)
        }
        return true
    }
}

extension Duration {
    /// At least 1: libcurl takes 0 for no limit.
    fileprivate var inMilliseconds: Int {
        let (seconds, attoseconds) = components
        let limited = min(max(seconds, 0), 1_000_000)
        return max(1, Int(limited) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
