// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// A room: one target, and the rooms and libraries that it may import (they all lie below it).
func room(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: settings)
}

/// A room over a C library: pointers are named at every call.
func roomOverC(_ name: String, _ imports: [Target.Dependency]) -> Target {
    .target(
        name: name,
        dependencies: imports,
        swiftSettings: settings + [.strictMemorySafety()]
    )
}

func tests(_ name: String, _ imports: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: imports,
        resources: resources,
        swiftSettings: settings
    )
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "linecook",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // Ground
        .target(name: "CProcess"),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [
                .apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"]), .brew(["curl"]),
            ]
        ),
        .systemLibrary(
            name: "CYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .yum(["libyaml-devel"]), .brew(["libyaml"])]
        ),

        // Floor 1
        room("Domain", [systemPackage]),
        room("Disk", [systemPackage]),
        room("Cron"),
        roomOverC("HTTP", ["CCurl"]),
        roomOverC("ProcessTree", ["CProcess", systemPackage]),
        room("WebServer", [nioCore, nioHTTP1, nioPosix]),
        roomOverC("YAML", ["CYAML"]),

        // Floor 2
        room("Agent", ["Domain", systemPackage]),
        room("Forge", ["Domain", "HTTP", "Disk", systemPackage]),
        room("Git", ["Disk", "Domain", "ProcessTree", subprocess, systemPackage]),
        room("Linear", ["Domain", "HTTP"]),
        room("Planner", ["Domain"]),
        room("Prompt", ["Domain", systemPackage]),
        room("PromptFile", ["Domain", "YAML"]),
        room("RunStore", ["Domain", "Disk", "ProcessTree", systemPackage]),
        room("Scaffold", ["Domain", "Disk", systemPackage]),
        room("Scheduler", ["Domain", "Cron", "Planner"]),
        room("Setup"),
        room("WorkflowFile", ["Domain", "Cron", "Prompt", "YAML", systemPackage]),

        // Floor 3
        room("Verification", ["Domain", "Git", "ProcessTree", "Scaffold", systemPackage]),
        room(
            "Attempt",
            [
                "Agent", "Cron", "Disk", "Domain", "Git", "Planner", "ProcessTree", "Prompt",
                "RunStore", "Scaffold", "Verification", systemPackage,
            ]
        ),
        room("Executor", ["Domain", "Disk", "ProcessTree", "RunStore", systemPackage]),

        // Floor 4
        room("Dashboard", ["Domain", "RunStore"]),
        room("Sandbox", ["WebServer", subprocess, systemPackage]),
        room(
            "Service",
            [
                "Agent", "Cron", "Disk", "Domain", "Executor", "Forge", "Git", "Linear", "Planner",
                "ProcessTree", "RunStore", "Scheduler", "Verification", "WorkflowFile", logging,
                systemPackage,
            ]
        ),

        // Floor 5
        .executableTarget(
            name: "linecook",
            dependencies: [
                "Agent", "Attempt", "Cron", "Dashboard", "Disk", "Domain", "Executor", "Forge",
                "Git", "HTTP", "Linear", "Planner", "ProcessTree", "Prompt", "PromptFile",
                "RunStore", "Sandbox", "Scaffold", "Scheduler", "Service", "Setup", "Verification",
                "WebServer", "WorkflowFile", "YAML", argumentParser, logging, systemPackage,
            ],
            swiftSettings: settings
        ),

        // Tests
        .target(
            name: "TestSupport",
            dependencies: ["Disk", systemPackage],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        tests(
            "AgentTests",
            ["TestSupport", "Agent", "Domain", systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("AttemptTests", ["Attempt", "Agent", "Domain"]),
        tests("CronTests", ["TestSupport", "Cron"], resources: [.copy("Fixtures")]),
        tests(
            "DashboardTests",
            ["TestSupport", "Dashboard", "Disk", "Domain", "RunStore", systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("DiskTests", ["Disk", "Domain", "TestSupport", systemPackage]),
        tests("DomainTests", ["TestSupport", "Domain", systemPackage]),
        tests(
            "EndToEndTests",
            [
                "Dashboard", "Disk", "Domain", "Forge", "Git", "ProcessTree", "Prompt", "RunStore",
                "Sandbox", "Service", "Setup", "TestSupport", "WebServer", "linecook",
                systemPackage,
            ]
        ),
        tests("ForgeTests", ["Forge", "Domain", "HTTP", "Disk", systemPackage]),
        tests("GitTests", ["Git", "Domain", "ProcessTree", subprocess, systemPackage]),
        tests("HTTPTests", ["HTTP"]),
        tests("LinearTests", ["TestSupport", "Linear", "Domain", "HTTP"]),
        tests("PlannerTests", ["TestSupport", "Planner", "Domain"]),
        tests("ProcessTreeTests", ["ProcessTree", systemPackage]),
        tests(
            "PromptFileTests",
            ["TestSupport", "PromptFile", "Domain", "YAML"],
            resources: [.copy("Fixtures")]
        ),
        tests("PromptTests", ["TestSupport", "Prompt", "Domain", systemPackage]),
        tests(
            "RunStoreTests",
            ["TestSupport", "RunStore", "Domain", "Disk", "ProcessTree", systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("SandboxTests", ["Sandbox", "WebServer", subprocess, systemPackage]),
        tests("ScaffoldTests", ["TestSupport", "Scaffold", "Domain", "Disk", systemPackage]),
        tests(
            "SchedulerTests",
            [
                "TestSupport", "Scheduler", "Planner", "Cron", "Domain", "Agent", "Attempt",
                systemPackage,
            ]
        ),
        tests(
            "ServiceTests",
            ["Service", "Cron", "Domain", "Scheduler", "WorkflowFile", systemPackage]
        ),
        tests("SetupTests", ["Setup", systemPackage]),
        tests(
            "SimulationTests",
            [
                "Cron", "Disk", "Domain", "Executor", "RunStore", "Scheduler", "Service",
                "TestSupport", logging, systemPackage,
            ]
        ),
        tests(
            "VerificationTests",
            ["Verification", "Domain", "Git", subprocess, systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("WebServerTests", ["WebServer", nioCore, nioPosix]),
        tests(
            "WorkflowFileTests",
            ["TestSupport", "WorkflowFile", "Cron", "Domain", "Prompt", "YAML", systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("YAMLTests", ["TestSupport", "YAML"], resources: [.copy("Fixtures")]),
    ]
)
