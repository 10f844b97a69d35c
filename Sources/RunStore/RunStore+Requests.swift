import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension StateLayout {
    /// What a person asked for a ticket.
    package func request(_ ticket: TicketKey) -> FilePath { requests.appending("\(ticket).json") }
}

extension RunStore {
    /// Asks whoever runs the service, now or at its next start, to go on with a ticket.
    package func save(_ request: RetryRequest) throws(RunStoreError) {
        try makeFolder(layout.requests)
        try write(request, to: layout.request(request.ticket))
    }

    /// Whether anything is asked for; costs one look at a folder.
    package func hasRequests() throws(RunStoreError) -> Bool {
        do {
            return try fileSystem.list(layout.requests).contains(where: Self.isRequest)
        } catch {
            throw .disk(error)
        }
    }

    private static func isRequest(_ name: String) -> Bool {
        name.hasSuffix(".json") && !name.hasPrefix(".")
    }

    /// What people have asked for, by ticket.
    ///
    /// - Parameter now: For the name of a request that is set aside because it can't be read.
    /// - Returns: The requests, and a sentence for each that can't be heeded.
    /// - Throws: `RunStoreError.disk`.
    package func requests(
        at now: Date
    ) throws(RunStoreError) -> (found: [RetryRequest], problems: [String]) {
        let names: [String]
        do { names = try fileSystem.list(layout.requests).sorted() } catch { throw .disk(error) }
        var found: [RetryRequest] = []
        var problems: [String] = []
        for name in names where Self.isRequest(name) {
            let path = layout.requests.appending(name)
            do {
                if let request = try value(RetryRequest.self, at: path) { found.append(request) }
            } catch .unreadable(_, let why) {
                problems.append(setAside(path, why, at: now, mend: "ask again"))
            } catch {
                problems.append("\(error)")
            }
        }
        return (found, problems)
    }

    /// Forgets a request that was heeded.
    package func removeRequest(of ticket: TicketKey) throws(RunStoreError) {
        do { try fileSystem.remove(layout.request(ticket)) } catch { throw .disk(error) }
    }
}
