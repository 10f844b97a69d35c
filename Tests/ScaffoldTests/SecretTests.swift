import Testing

@testable import Scaffold

@Suite struct SecretTests {
    @Test(arguments: [
        ".env", "a/.env.production", "prod.env", "a/server.pem", "tls.key", "id_rsa", "id_rsa_work",
        "id_ed25519", "a.p12", "a.pfx", "credentials", "credentials.json", "Credentials.YML",
        "secrets.yaml", ".npmrc", "home/.netrc", ".pypirc", "a.kdbx", "terraform.tfstate",
        "prod.tfvars", ".git-credentials", ".aws/credentials", ".kube/config", ".docker/config",
        ".docker/config.json", ".ssh/config", "secrets_prod.yaml", "secrets-prod.json",
        "k8s/secrets/db.yaml", "prod.tfvars.json", "office.ovpn",
    ])
    func `a name says that a file holds a secret`(path: String) {
        #expect(Secret.isNamedSo(path))
    }

    @Test(arguments: [
        ".env.example", ".env.sample", "src/env.ts", "src/keyboard.ts", "src/monkey.ts",
        "src/credentials.ts", "Sources/Secrets.swift", "docs/secrets-policy.md", "id_rsa.pub",
        "example.env", "src/secrets/List.tsx", "docs/secrets/rotation.md", "src/secrets_store.py",
        "config", "config.json", "src/config/index.ts", "src/tokenizer.rs", "a.keyframes.css",
    ])
    func `a name that only sounds like one says nothing`(path: String) {
        #expect(!Secret.isNamedSo(path))
    }

    @Test(arguments: [
        ("a.ts", "-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("a.ts", #"k = "-----BEGIN PRIVATE KEY-----\nMIIE""#, "a private key"),
        ("a.ts", "AKIAIOSFODNN7EXAMPLE", "an AWS key"),
        ("a.ts", "x=github_pat_" + String(repeating: "a1", count: 30), "a GitHub token"),
        ("a.ts", "url: https://ghp_0123456789abcdefghijABCDEFGHIJ0123@x", "a GitHub token"),
        ("a.ts", "'xoxb-123456789012-abcdefghijkl'", "a Slack token"),
        ("a.ts", "lin_oauth_0123456789abcdefghij0123", "a Linear token"),
        ("a.ts", "sk-ant-api03-a1B2c3D4e5F6g7H8i9J0", "an Anthropic key"),
        ("a.ts", "sk-a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4", "an OpenAI key"),
        ("a.ts", "sk_live_" + "a1B2c3D4e5F6g7H8", "a Stripe key"),
        ("a.ts", "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "a Google key"),
        (
            "a.ts", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
            "a web token"
        ),
        ("a.ts", #"const dbPassword: string = "aB3dE5fG7hI9jK1lM3nO5";"#, "a literal password"),
        ("a.json", #""api_key": "9f86d081884c7d659a2feaa0c55ad015""#, "a literal apikey"),
        ("a.yml", "  client_secret: 9f86d081884c7d659a2feaa0c55ad015", "a literal secret"),
        ("a.rb", "{ :access_token => 'aB3dE5fG7hI9jK1lM3nO5' }", "a literal token"),
        (
            "min.js",
            String(repeating: "a(1);", count: 20000) + "t='ghp_0123456789abcdefghijABCDEFGHIJ0123'",
            "a GitHub token"
        ),
    ])
    func `contents that look like a secret are told by their kind`(
        path: String,
        text: String,
        kind: String
    ) {
        #expect(Secret.kind(in: Array("first\n\(text)\nlast\n".utf8), path: path) == kind)
    }

    @Test(arguments: [
        ("export DB_PASSWORD=%", "password"), ("mysql --password % db", "password"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "secret"),
        ("const secret = '0123456789abcdef0123456789abcdef'", "secret"),
        ("const API_KEY = `%`", "apikey"), ("let token: String? = \"%\"", "token"),
        ("password =\n    \"%\"", "password"), ("$config['secret'] = '%';", "secret"),
        ("client.setToken(\"%\")", "token"), ("<password>%</password>", "password"),
        ("os.environ.setdefault(\"SECRET_KEY\", \"%\")", "secret"),
        ("storePassword '%'", "password"), ("- name: DB_PASSWORD\n  value: %", "password"),
        ("{ name: 'DB_PASSWORD', value: '%' }", "password"),
        ("headers: { Authorization: 'Bearer %' }", "token"),
        ("curl -H \"Authorization: Bearer %\"", "token"),
        ("fetch('https://example.com/?access_token=%&x=1')", "token"),
        ("url = 'postgres://admin:%@db.example.com/x'", "password"),
        (String(repeating: "y", count: 9000) + " token='%'", "token"),
    ])
    func `a random literal is a secret however it's given to its name`(text: String, word: String) {
        // As a generator of passwords makes it; nobody's.
        let literal = "aB3dE5fG7hI9jK1lM3nO5pQ7"
        let text = text.split(separator: "%", omittingEmptySubsequences: false)
            .joined(separator: literal)
        for path in ["a.ts", "a.yml", "Dockerfile"] {
            let kind = Secret.kind(in: Array("one\n\(text)\ntwo\n".utf8), path: path)
            #expect(kind == "a literal \(word)", "\(path)")
        }
    }

    @Test(arguments: [
        ("env.log", "OLDPWD=/tmp/site-1DE6F33F-5B4B-429E-AE4C-592E2EFC7B6E/wt/ENG-1"),
        ("a.sh", "cd a; PWD='/tmp/aB3dE5fG7hI9jK1lM3nO5pQ7'"),
        ("a.ts", #"const password = readPassword(); const token = "csrf-token-header-name";"#),
        ("a.ts", #"const token = "test-token-1234567890-abc";"#),
        ("a.ts", "const secret = process.env.CLIENT_SECRET_2_OLD_1;"),
        ("a.yml", "token: ${{ secrets.GITHUB_TOKEN }}"),
        ("a.ts", "task-ghp_ sk-learn AKIA eyJ -----BEGIN CERTIFICATE-----"),
        ("a.ts", #"const commit = "9f86d081884c7d659a2feaa0c55ad015";"#),
        (
            "package-lock.json",
            #""node_modules/token": { "integrity": "sha512-a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8==" }"#
        ),
        ("yarn.lock", "token: 9f86d081884c7d659a2feaa0c55ad015"),
        ("a.css", ".mask-risk-task-desk-a1b2c3d4 { color: red }"),
        (".env.example", "API_KEY=your-api-key-goes-here\n"),
        ("a.md", "# ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("a.md", "The token: see docs/v2/a1/b2/c3/d4.md for it"),
        ("a.json", #""js-tokens": "sha512-a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8==""#),
        ("a.ts", "type T = { accessToken: GitHubAccessToken2Response }"),
        ("a.ts", #"token: components["schemas"]["AuthTokenV2ResponseBody"]"#),
        ("a.swift", #"let secretKey = "user1.profile2.section3.key4.name5""#),
        ("a.ts", "passwordURL: 'https://example.com/reset1/Password2'"),
        ("a.yml", "url: postgres://user:password@localhost/x"),
    ])
    func `what is no secret is let through`(path: String, text: String) {
        #expect(Secret.kind(in: Array(text.utf8), path: path) == nil)
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "xoxb-a ", "eyJ.", "eyJaaaaaaaa.x.", "token=", "token='", ":", "://a:", "-----BEGIN ",
            "token ", "token: a1 ",
        ]
    )
    func `a file of nothing but beginnings is read in no time`(beginning: String) {
        let text = String(repeating: beginning, count: 100_000 / beginning.utf8.count)
        #expect(Secret.kind(in: Array(text.utf8), path: "a.ts") == nil)
    }
}
