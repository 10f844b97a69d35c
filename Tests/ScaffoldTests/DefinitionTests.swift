import Testing

@testable import Scaffold

@Suite struct DefinitionTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var path: String
        var name: String
        /// From 1.
        var lines: ClosedRange<Int>
        var text: String
        var testDescription: String { "\(path)#\(name)" }

        init(_ path: String, _ name: String, _ lines: ClosedRange<Int>, _ text: String) {
            self.path = path
            self.name = name
            self.lines = lines
            self.text = text
        }
    }

    private static let rows: [Row] = [
        Row(
            "a.swift",
            "go",
            3...3,
            "struct A {\n    let s = \"{\"\n    func go() { run { x in x } }\n}\n"
        ),
        Row(
            "a.swift",
            "go",
            1...9,
            """
            /// Doc.
            @MainActor
            func go(
                _ a: Int = { 1 }(),
                b: String
            ) -> Int
            {
                1
            }
            let after = 1

            """
        ),
        Row(
            "a.swift",
            "text",
            1...3,
            ##"let text = #"""\##n    " } \(a) "\##n    """#\##nfunc other() {}\##n"##
        ),
        Row(
            "a.swift",
            "go",
            1...3,
            #"func go() -> String {\#n    "a \(f("}")) { b"\#n}\#nfunc other() {}\#n"#
        ),
        Row(
            "a.swift",
            "names",
            2...5,
            "enum A {\n    static let names = [\n        \"a\",\n        \"b\",\n    ]\n    case one\n}\n"
        ),
        Row(
            "a.swift",
            "size",
            2...4,
            "struct A {\n    var size: Int {\n        1\n    }\n    var other = 1\n}\n"
        ),
        Row("a.swift", "go", 2...2, "protocol A {\n    func go()\n    func other()\n}\n"),
        Row(
            "a.swift",
            "Text",
            1...3,
            "extension Domain.Text: Equatable {\n    /* /* } */ } */\n}\n"
        ),
        Row(
            "a.ts",
            "go",
            1...3,
            "export async function go(): Promise<void> {\n  await x(`}${a({ b: `{` })}`);\n}\n"
        ),
        Row(
            "a.ts",
            "Props",
            3...6,
            "import a from 'a'\n\nexport interface Props {\n  a: string\n  go(): void\n}\n"
        ),
        Row("a.ts", "Kind", 1...3, "type Kind =\n  | { a: 1 }\n  | { b: 2 }\nconst x = 1\n"),
        Row(
            "a.tsx",
            "Page",
            1...7,
            "export const Page = ({ a }: Props) => {\n  return (\n    <p title=\"}\">\n      Don't {a && <b>it's {a}</b>} / {b}\n    </p>\n  );\n};\nconst x = 1;\n"
        ),
        Row(
            "a.tsx",
            "Memo",
            1...3,
            "export default memo(function Memo() {\n  return <a href=\"http://x\" />\n})\n"
        ),
        Row(
            "a.js",
            "go",
            1...4,
            "function go(a) {\n  if (/[/}\"']{2}/.test(a)) return a / 2 / 3;\n  return '}'\n}\nfunction b() {}\n"
        ),
        Row(
            "a.js",
            "load",
            3...5,
            "class A {\n  name = 'x'\n  async load(key) {\n    for (;;) { }\n  }\n  save() {}\n}\n"
        ),
        Row(
            "a.js",
            "routes",
            1...5,
            "const routes = {\n  get() { return 1 },\n  post: () => {},\n  list: [{}],\n}\nlet b\n"
        ),
        Row(
            "a.ts",
            "Store",
            1...7,
            "@Injectable({\n  scope: 'x',\n})\nexport class Store {\n  @Input() a = 1;\n  go() {}\n}\n"
        ),
        Row(
            "a.py",
            "go",
            1...7,
            "@cached(\n    1\n)\ndef go(a):\n    text = \"\"\"\nnot code\n\"\"\"\n\nx = 1\n"
        ),
        Row(
            "a.py",
            "one",
            2...5,
            "class A:\n    # Why.\n    async def one(\n        self, a=\"def x():\",\n    ): return a\n    def two(self): pass\n"
        ),
        Row("a.py", "URLS", 1...4, "URLS = [\n'''\nx''',\n]\ndef go(): pass\n"),
        Row(
            "a.go",
            "Go",
            3...7,
            "package a\n\n// Go goes.\nfunc (s *Server) Go(w http.ResponseWriter) {\n\tif x := '}'; x {\n\t}\n}\n"
        ),
        Row(
            "a.go",
            "Server",
            1...4,
            "type Server struct {\n\traw string `json:\"}\"`\n\tgo func() error\n}\nvar x = `\n}`\n"
        ),
        Row("a.go", "x", 1...3, "var x = map[string]int{\n\t\"a\": 1,\n}\nvar y = 1\n"),
        Row(
            "a.rs",
            "go",
            2...5,
            "impl<'a> Thing<'a> for Other<'a> {\n    #[inline]\n    pub(crate) fn go<'b>(&'b self) -> char {\n        '{'\n    }\n}\n"
        ),
        Row(
            "a.rs",
            "Other",
            1...4,
            "impl<'a, T: Fn() -> u8> Thing<'a> for Other<'a> {\n    const A: &str = r#\"}\"#;\n    // {\n}\n"
        ),
        Row(
            "a.rs",
            "Point",
            1...5,
            "/// A point.\n#[derive(Debug)]\npub struct Point {\n    x: u8,\n}\n"
        ),
        Row(
            "A.java",
            "go",
            2...6,
            "class A {\n  @Override\n  @Get(\"/x\")\n  public <T> int go(List<T> a) throws E {\n    return 1;\n  }\n  int b;\n}\n"
        ),
        Row(
            "A.java",
            "LIMIT",
            2...2,
            "class A {\n  static final int LIMIT = 5;\n  int[] b = {1};\n}\n"
        ),
        Row("A.java", "P", 1...3, "public record P(int x) implements A {\n  P { check(x); }\n}\n"),
        Row(
            "a.kt",
            "A",
            2...6,
            "fun x() = 1\ndata class A(val b: Int) {\n    fun go(): String {\n        return \"${if (b) { \"}\" } else \"{\"}\"\n    }\n}\n"
        ),
        Row("a.kt", "half", 1...2, "fun Int.half() =\n    this / 2\nval y = 1\n"),
        Row(
            "a.c",
            "go",
            1...5,
            "static int\ngo(int a)\n{\n\treturn a; /* } */\n}\nint b(void) { return 0; }\n"
        ),
        Row(
            "a.c",
            "go",
            1...7,
            "int go(int a) {\n#if A\n\tif (a) {\n#else\n\tif (!a) {\n#endif\n\t} }\nint b;\n"
        ),
        Row("a.c", "point", 1...3, "typedef struct {\n\tint x;\n} point;\nint y;\n"),
        Row("a.c", "make", 2...4, "int make(void);\nstruct point *make(void) {\n\treturn 0;\n}\n"),
        Row(
            "a.cpp",
            "go",
            2...4,
            "namespace a {\nint Thing::go() const {\n  return R\"x(}\")x\"[0] + 1'000;\n}\n}\n"
        ),
        Row("a.cpp", "Thing", 1...3, "class Thing : public Base {\n  int x = 1;\n};\nint y;\n"),
        Row(
            "a.cs",
            "A",
            3...6,
            "namespace N\n{\n    public class A\n    {\n        string X = @\"}\"\"\\\";\n    }\n}\n"
        ),
        Row(
            "a.cs",
            "Size",
            3...3,
            "class A\n{\n    public int Size { get; set; }\n    void B() {}\n}\n"
        ),
        Row(
            "a.php",
            "go",
            4...8,
            "<p>Don't {</p>\n<?php\n\n/** Doc. */\nfunction go($a) {\n    # don't }\n    return '}';\n}\n?>\n{\n"
        ),
        Row(
            "a.php",
            "go",
            2...6,
            "<?php\nfunction go() {\n    return <<<EOT\n    } don't\n    EOT;\n}\n"
        ),
        Row(
            "a.rb",
            "go",
            2...8,
            "class A\n  # Doc.\n  def go(x)\n    if x\n      \"end #{x ? \"}\" : 'd'}\"\n    end\n\n  end\nend\n"
        ),
        Row(
            "a.rb",
            "sql",
            2...6,
            "class A\n  def self.sql\n    <<~SQL\n  end\n    SQL\n  end\nend\n"
        ),
        Row("a.rb", "LIMITS", 1...4, "LIMITS = {\n  a: 1,\n  b: 2\n}.freeze\nx = 1\n"),
        Row(
            "a.sh",
            "go",
            1...6,
            "go() {\n  echo \"}\" ${a#\\}} 'it' # }\n  cat <<'EOF'\n}\nEOF\n}\nx=1\n"
        ),
        Row(
            "a.ex",
            "go",
            2...4,
            "defmodule A.B do\n  def go(x) do\n    x\n  end\n  def one(x), do: x\nend\n"
        ),
        Row("a.lua", "go", 1...3, "function M.go(a)\n  return \"end\" -- end\nend\n"),
    ]

    @Test(arguments: rows)
    func `a definition is found whole, whatever stands in its strings and comments`(row: Row)
        throws
    {
        let all = Definition.all(in: CodeText(Array(row.text.utf8)), path: row.path)
        let found = try #require(Definition.named(row.name, in: all), "\(all)")
        #expect(
            (found.lines.lowerBound + 1)...(found.lines.upperBound + 1) == row.lines,
            "\(all)"
        )
    }
}
