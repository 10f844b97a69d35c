import CCurl

/// The transfers under way; used on the loop's thread alone.
struct TransferTable {
    private let multi: TransferLoop.Multi
    private let settings: HTTPClient.Settings
    private var transfers: [UInt64: Transfer] = [:]

    init(multi: TransferLoop.Multi, settings: HTTPClient.Settings) {
        self.multi = multi
        self.settings = settings
    }

    mutating func start(_ id: UInt64, _ request: HTTPRequest, _ answer: TransferLoop.Answer) {
        do throws(HTTPError) {
            let transfer = try Transfer(request, settings: settings, answer: answer)
            guard unsafe curl_multi_add_handle(multi.handle, transfer.easy) == CURLM_OK else {
                throw .unavailable(why: "libcurl takes no more transfers")
            }
            transfers[id] = transfer
        } catch {
            answer.resume(returning: .failure(error))
        }
    }

    mutating func cancel(_ id: UInt64) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        let sent = transfer.wasSent
        unsafe curl_multi_remove_handle(multi.handle, transfer.easy)
        transfer.answer.resume(returning: .failure(.cancelled(sent: sent)))
    }

    /// Moves every transfer as far as it goes, answers the finished ones, and waits for more to happen:
    /// on a socket, by a deadline, or in the inbox.
    mutating func advance() {
        var running: Int32 = 0
        unsafe curl_multi_perform(multi.handle, &running)
        var result = CURLE_OK
        while let easy = unsafe linecook_curl_next_finished(multi.handle, &result) {
            let finished = transfers.first { unsafe $0.value.easy == easy }
            unsafe curl_multi_remove_handle(multi.handle, easy)
            guard let (id, transfer) = finished else { continue }
            transfers[id] = nil
            transfer.answer.resume(returning: transfer.outcome(of: result))
        }
        // libcurl wakes up earlier by itself when one of its own deadlines is nearer.
        let hour: Int32 = 3_600_000
        unsafe curl_multi_poll(multi.handle, nil, 0, hour, nil)
    }

    mutating func failAll(_ error: HTTPError) {
        for transfer in transfers.values {
            unsafe curl_multi_remove_handle(multi.handle, transfer.easy)
            transfer.answer.resume(returning: .failure(error))
        }
        transfers = [:]
    }
}
