import Service
import Testing

@testable import linecook

/// That the service hears whoever stops it, however early.
@Suite(.serialized, .inTurn)
struct StopSignalsTests {
    @Test(.timeLimit(.minutes(5)))
    func `SIGTERM ends a daemon that has only just started`() async throws {
        try await Site.with([], agent: "true") { site in
            let ended = try await site.shellOutput(
                """
                mkfifo log; : > log.txt
                for round in $(seq 20); do
                  '\(try site.programPath)' run 2> log & daemon=$!
                  exec 3< log
                  while read -r line <&3; do
                    case "$line" in *"started state="*) break;; esac
                  done
                  kill "$daemon"
                  cat <&3 >> log.txt
                  wait "$daemon" && echo ended || echo "round $round: $?"
                done
                """
            )
            #expect(ended == String(repeating: "ended\n", count: 20))
            #expect(try site.text("log.txt").ranges(of: " stopped").count == 20)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `what was asked before anybody listened is heard first`()
        async
    {
        let requests = StopRequests()
        requests.leave()
        var heard = requests.makeStream().makeAsyncIterator()
        #expect(await heard.next() == .leave)
        #expect(!requests.wasInterrupted)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a second Ctrl-C is the second one, though nobody heard the first`() async {
        let requests = StopRequests()
        #expect(requests.interrupt() == .drain)
        #expect(requests.interrupt() == .interrupt)
        var heard = requests.makeStream().makeAsyncIterator()
        #expect(await heard.next() == .interrupt)
        #expect(requests.wasInterrupted)
    }

    @Test(.timeLimit(.minutes(5)))
    func `whoever listens anew hears what was asked of the one before, and what comes`() async {
        let requests = StopRequests()
        var first = requests.makeStream().makeAsyncIterator()
        #expect(requests.interrupt() == .drain)
        #expect(await first.next() == .drain)
        var second = requests.makeStream().makeAsyncIterator()
        #expect(await second.next() == .drain)
        requests.leave()
        #expect(await second.next() == .leave)
    }
}
