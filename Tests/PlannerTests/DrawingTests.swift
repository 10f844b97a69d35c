import Domain
import Planner
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct DrawingTests {
    private func batch(_ tickets: [Ticket], size: Int? = nil) -> Batch {
        Batch(
            of: tickets,
            settings: PlanSettings(phaseSize: size),
            workflow: "default",
            number: 1,
            at: Date(timeIntervalSince1970: 0)
        )
    }

    private var small: Batch {
        batch([
            ticket(1, title: "Build the API", paths: ["src/a.ts"]),
            ticket(2, title: "Draw it", paths: ["src/*.ts"]),
            ticket(
                3,
                title: "Join",
                after: [
                    blocker(1), blocker(1, .unstarted, .mention), blocker(2, .unstarted, .subIssue),
                ],
                paths: ["src/a.ts"]
            ),
            ticket(4, title: "Ring", after: [blocker(4)]),
        ])
    }

    @Test func `a batch has phases, members, dependencies with causes, and overlaps`() {
        let batch = small
        #expect(batch.phases.map(\.name) == ["A", "B"])
        #expect(batch.phases.map(\.tickets) == [[key(1), key(2)], [key(3)]])
        #expect(batch.tickets.map(\.phase) == ["A", "A", "B", ""])
        #expect(batch.tickets.last?.reason == "waits for itself: FRE-4 → FRE-4")
        #expect(
            batch.dependencies == [
                .init(ticket: key(3), on: key(1), cause: .relation),
                .init(ticket: key(3), on: key(1), cause: .mention),
                .init(ticket: key(3), on: key(2), cause: .subIssue),
                .init(ticket: key(4), on: key(4), cause: .relation),
            ]
        )
        #expect(
            batch.overlaps.map(\.tickets) == [
                [key(1), key(2)], [key(1), key(3)], [key(2), key(3)],
            ]
        )
        #expect(batch.overlaps.first?.paths == ["src/a.ts"])
    }

    @Test func `the tree shows phases, tickets and why they wait`() {
        #expect(
            small.tree(reasons: [key(2): "all slots are taken"]) == """
                Phase A (2 tickets)
                ├─ FRE-1  Build the API
                └─ FRE-2  Draw it
                          all slots are taken

                Phase B (1 ticket)
                └─ FRE-3  Join
                          after FRE-1, FRE-2

                In no phase (1 ticket)
                └─ FRE-4  Ring
                          waits for itself: FRE-4 → FRE-4

                """
        )
    }

    @Test func `Mermaid gets a box for each phase, arrows with causes and dotted overlaps`() {
        #expect(
            small.mermaid == """
                flowchart LR
                    subgraph phase1["Phase A"]
                        T_FRE_1["FRE-1 Build the API"]
                        T_FRE_2["FRE-2 Draw it"]
                    end
                    subgraph phase2["Phase B"]
                        T_FRE_3["FRE-3 Join"]
                    end
                    subgraph none["In no phase"]
                        T_FRE_4["FRE-4 Ring"]
                    end
                    T_FRE_1 -->|"blocks, mentioned"| T_FRE_3
                    T_FRE_2 -->|"sub-issue"| T_FRE_3
                    T_FRE_4 -->|"blocks"| T_FRE_4
                    T_FRE_1 -.-|"src/a.ts"| T_FRE_2

                """
        )
    }

    @Test func `Graphviz gets a cluster for each phase, arrows with causes and dotted overlaps`() {
        #expect(
            small.graphviz == """
                digraph "default-1" {
                    rankdir=LR;
                    node [shape=box];
                    subgraph "cluster_phase1" {
                        label="Phase A";
                        T_FRE_1 [label="FRE-1 Build the API"];
                        T_FRE_2 [label="FRE-2 Draw it"];
                    }
                    subgraph "cluster_phase2" {
                        label="Phase B";
                        T_FRE_3 [label="FRE-3 Join"];
                    }
                    subgraph "cluster_none" {
                        label="In no phase";
                        T_FRE_4 [label="FRE-4 Ring"];
                    }
                    T_FRE_1 -> T_FRE_3 [label="blocks, mentioned"];
                    T_FRE_2 -> T_FRE_3 [label="sub-issue"];
                    T_FRE_4 -> T_FRE_4 [label="blocks"];
                    T_FRE_1 -> T_FRE_2 [dir=none, style=dotted, constraint=false, label="src/a.ts"];
                }

                """
        )
    }

    private let hostile =
        "a\"]\n```\n    end; click <img src=x onerror=y> #quot; %%{init}%% \\N \\\" &lt; \u{1B}[31m\u{202E}"

    @Test func `a hostile title stays text in Mermaid`() {
        let drawing = batch([ticket(1, title: hostile)]).mermaid
        #expect(drawing.split(separator: "\n").count == 4)
        #expect(drawing.utf8.filter { $0 == UInt8(ascii: "\"") }.count == 4)
        for mark in ["`", "<", ">", "%", "\\", "&", "\u{1B}", "\u{202E}", "#quot;"] {
            #expect(!drawing.contains(mark))
        }
        #expect(drawing.contains("FRE-1 a#34;#93; #96;#96;#96; end#59; click #60;img"))
    }

    @Test func `a hostile title stays one string in Graphviz`() {
        let drawing = batch([ticket(1, title: hostile + "\\")]).graphviz
        #expect(drawing.split(separator: "\n").count == 8)
        #expect(drawing.contains("[label=\"FRE-1 a\\\"] ``` end; click <img"))
        #expect(drawing.contains("…\"];"))
        let tail = batch([ticket(1, title: "a\\"), ticket(2, title: "\\N &lt;\"")]).graphviz
        #expect(tail.contains("[label=\"FRE-1 a\\\\\"];"))
        #expect(tail.contains("[label=\"FRE-2 \\\\N &amp;lt;\\\"\"];"))
    }

    @Test func `hostile and wide titles keep to their line and to the terminal's width`() {
        let wide = String(repeating: "漢字", count: 60)
        let long = String(repeating: "word ", count: 60)
        let tree = batch([
            ticket(1, title: hostile), ticket(2, title: wide), ticket(3, title: long),
        ]).tree(width: 60, reasons: [key(1): long + hostile, key(2): wide])
        #expect(!tree.contains("\u{1B}"))
        #expect(!tree.contains("\u{202E}"))
        for line in tree.split(separator: "\n") {
            let columns = line.unicodeScalars.reduce(0) { $0 + ($1.value > 0x3000 ? 2 : 1) }
            #expect(columns <= 60, "\(line)")
        }
        #expect(tree.contains("├─ FRE-3  word") || tree.contains("└─ FRE-3  word"))
        #expect(tree.contains("漢…") || tree.contains("字…"))
    }
}
