import Disk
import Domain
import Executor
import RunStore
import SystemPackage
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything outside of the daemon: Linear, the forge, the agents, the disk, and the people.
///
/// It checks with each act of the daemon whether that one may be.
final class World {
    let machine: VirtualMachine
    let disk: MemoryDisk
    /// The disk as whoever isn't the daemon uses it.
    let files: MemoryFiles
    var mood = DiskMood.well
    /// How attempts end as long as a test says so.
    var outcome: Outcome?
    /// The daemon that calls the disk at this moment.
    var caller: Daemon?
    /// Whether the world itself looks at the disk, to judge it.
    var isLooking = false
    let chance: Chance
    let scenario: Scenario
    let layout = StateLayout(root: "/state")

    var tickets: [SimulatedTicket] = []
    var pulls: [SimulatedPull] = []
    var attempts: [FilePath: SimulatedAttempt] = [:]
    /// The records of runs as they were last seen on disk.
    var records: [RunID: Run] = [:]
    /// The bytes of those that were read, so that none is read twice.
    var readBytes: [RunID: [UInt8]] = [:]
    /// When each run last left the state it was in, in uptime.
    var left: [RunID: Duration] = [:]
    /// How many steps of its timeline a run had when Linear was last told of it.
    var toldSteps: [RunID: Int] = [:]
    /// When each attempt was first seen in its record, in uptime.
    var begun: [RunID: [Int: Duration]] = [:]
    /// When each ticket was claimed, and when a person moved it back to the queue, by its id, in uptime.
    var claims: [String: [Duration]] = [:]
    var moves: [String: [Duration]] = [:]
    /// When people asked for a run to go on by hand, and what it may cost from then on, by the ticket's id.
    var requests: [String: [(at: Duration, budget: Double?)]] = [:]
    /// When each run first asked a person.
    var asked: [RunID: Date] = [:]
    /// What the attempts of each run really cost, in USD.
    var spent: [RunID: Double] = [:]
    var breaks = ProviderBreaks()
    var failures: FailureWatch
    /// Until when every agent fails at once, in uptime.
    var stormEnds = Duration.zero
    /// How often in a row more slots were said to be taken than attempts were at work.
    var idleSlots = 0
    /// Since when the disk has too little room, in uptime.
    var shortSince: Duration?
    /// What attempts really cost, and when they ended.
    var costs: [(at: Date, passed: Duration, usd: Double, begun: SimulatedAttempt.Start)] = []
    /// Whether Linear, or the forge, is down.
    var isTrackerDown = false
    var isForgeDown = false
    /// Whether anything goes wrong at all: in the end, nothing does any more.
    var isCalm = false

    private(set) var trace: [String] = []
    /// The warnings that the service logged.
    var warnings: [String] = []
    private(set) var violations: [String] = []
    var daemonDied: () -> Void = {}
    var powerLost: () -> Void = {}

    init(_ scenario: Scenario) {
        self.scenario = scenario
        machine = VirtualMachine(seed: scenario.seed)
        disk = MemoryDisk(seed: scenario.seed)
        chance = Chance(seed: scenario.seed)
        files = MemoryFiles(calls: disk)
        failures = FailureWatch(scenario.breaker)
        disk.judge { [unowned self] in fate(of: $0) }
    }

    // MARK: The disk

    /// What the disk does with calls.
    enum DiskMood {
        case well
        case full
        /// One call in so many fails.
        case flaky(Int)
        /// Nothing can be done with it, for this reason.
        case refusing(Errno)
        /// Files with this name can't be opened.
        case withholding(String)
        /// It doesn't let files of this folder go.
        case keeping(FilePath)
    }

    /// A file's bytes, whatever the disk's mood.
    func look(at path: FilePath) -> [UInt8]? {
        isLooking = true
        defer { isLooking = false }
        return try? files.read(path)
    }

    private func fate(of call: DiskCall) -> MemoryDisk.Fate {
        if isLooking || call.kind == .close { return .succeed }
        if call.mutates, let fate = caller?.fate(of: call) { return fate }
        switch mood {
        case .well: return .succeed
        case .full:
            let needsRoom = call.mutates && call.kind != .unlink && call.kind != .sync
            return needsRoom ? .fail(.noSpace) : .succeed
        case .flaky(let times): return chance.isTrue(1, of: times) ? .fail(.ioError) : .succeed
        case .refusing(.tooManyOpenFiles):
            return call.kind == .open ? .fail(.tooManyOpenFiles) : .succeed
        case .refusing(.readOnlyFileSystem):
            return call.mutates ? .fail(.readOnlyFileSystem) : .succeed
        case .refusing(let code): return .fail(code)
        case .withholding(let name):
            return call.kind == .open && call.path.lastComponent?.string == name
                ? .fail(.ioError) : .succeed
        case .keeping(let folder):
            return call.kind == .unlink && call.path.starts(with: folder)
                ? .fail(.ioError) : .succeed
        }
    }

    func note(_ what: @autoclosure () -> String) {
        trace.append("\(Self.clock(machine.uptime)) \(what())")
    }

    func violate(_ what: String) {
        note("VIOLATION \(what)")
        violations.append(what)
    }

    private static func clock(_ time: Duration) -> String {
        let seconds = Int(time.inSeconds)
        func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(seconds / 86_400)d\(pad(seconds / 3600 % 24)):\(pad(seconds / 60 % 60)):"
            + pad(seconds % 60)
    }

    /// Whether a call to somebody else goes wrong now.
    func fails(isDown: Bool) -> Bool { !isCalm && (isDown || chance.isTrue(1, of: 25)) }

    func goesWrong(_ times: Int, of all: Int) -> Bool { !isCalm && chance.isTrue(times, of: all) }
}
