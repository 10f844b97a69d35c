import Domain
import Testing

@testable import Dashboard

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct MarkupTests {
    static let hostileTexts = [
        "<script>alert(1)</script>", "</title><script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        "</text></svg><iframe src=//evil.example>", "\" onmouseover=\"alert(1)",
        "' onload='alert(1)",
        "]]><svg onload=alert(1)>", "<!-- ", "&lt;script&gt;", "{{ 7*7 }}", "a\u{0}b\u{1B}[2Jc",
        "\u{202E}gnp.exe", "zero\u{200B}width", "\u{E0041}tag",
    ]
    static let refusedAddresses = [
        "javascript:alert(1)", "JaVaScRiPt://example.com/%0aalert(1)", "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd",
        "//evil.example/x", "https:evil.example", "https://", "https:///x", " https://linear.app/x",
        "https://linear.app@evil.example/x", "https://linear.app\\@evil.example",
        "https://linear.app/a b",
        "https://linear.app/\" onclick=\"alert(1)", "https://linear.app/'x",
        "https://linear.app/<x>",
        "https://linear.app/\"x", "https://linear.app\\x", "https://linear.app/<x",
        "https://linear.app/x>", "https://linear.app/" + String(repeating: "x", count: 2000),
        "https://linear.app/\u{202E}x", "https://lin\u{0435}ar.app/x", "https://linear.app/\n", "",
    ]

    /// The names of all tags, in order, and of the attributes in them.
    private func skeleton(_ page: String) -> [String] {
        page.split(separator: "<").dropFirst().map { part in
            var name = ""
            var inQuotes = false
            for character in part {
                if character == "\"" { inQuotes.toggle() }
                if !inQuotes, character == ">" { break }
                if !inQuotes { name.append(character) }
            }
            return name
        }
    }

    private func page(title: String, address: String? = nil) throws -> String {
        var batch = try NineTickets.batch()
        var runs = try NineTickets.runs()
        for index in batch.tickets.indices { batch.tickets[index].title = title }
        batch.tickets[8].reason = title
        batch.overlaps[0].paths = [title]
        for index in runs.indices {
            runs[index].ticket.title = title
            runs[index].reason = title
            if let address {
                runs[index].ticket.url = address
                runs[index].pullRequest?.url = address
            }
            for attempt in runs[index].attempts.indices {
                runs[index].attempts[attempt].reason = title
            }
        }
        var before = try NineTickets.batchBefore()
        before.summary = title
        return ReportPage(
            batches: [batch, before],
            runs: runs,
            at: NineTickets.minutes(80),
            title: title
        ).html
    }

    @Test(arguments: hostileTexts)
    func `a text of a stranger changes no tag of the page and hides nothing`(text: String) throws {
        let page = try page(title: text)
        #expect(skeleton(page) == skeleton(try self.page(title: "x")))
        #expect(
            page.unicodeScalars.allSatisfy {
                $0 == "\n" || !"\($0)".withHiddenCharactersShown.hasPrefix("<U+")
            }
        )
        #expect(page.contains(Markup(escaping: text).source))
    }

    @Test(arguments: refusedAddresses)
    func `an address that isn't plainly the web's stays text`(address: String) throws {
        let link = Markup.link(to: address, "FRE-1", schemes: ["https", "http"])
        #expect(link == "FRE-1")
        #expect(!(try page(title: "x", address: address)).contains("<a "))
    }

    @Test func `a text may stand between tags and in quotes of either kind`() {
        #expect(Markup(escaping: "\"<a>'&").source == "&quot;&lt;a&gt;&#39;&amp;")
    }

    @Test func `a ticket's link is https, a pull request's may be http`() {
        let address = "http://forge.example:8080/pulls/1?tab=files#top&x"
        #expect(Markup.link(to: address, "1", schemes: ["https"]) == "1")
        #expect(
            Markup.link(to: address, "#1", schemes: ["https", "http"]).source
                == "<a href=\"http://forge.example:8080/pulls/1?tab=files#top&amp;x\""
                + " rel=\"noopener noreferrer\">#1</a>"
        )
    }

    @Test func `a page fetches nothing and runs nothing`() throws {
        let page = try page(title: "x")
        for word in ["<script", "<link", "<img", "@import", " src=", "javascript:", " onload"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(
            page.contains(
                "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""
            )
        )
    }
}
