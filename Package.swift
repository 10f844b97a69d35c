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

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "linecook",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Without its default trait, so that it brings no Foundation along.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // Ground
        .target(name: "CProcess"),
        .systemLibrary(
            name: "CYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
        ),

        // Floor 1
        room("Domain", [systemPackage]),
        room("Disk", [systemPackage]),
        room("Cron"),
        roomOverC("ProcessTree", ["CProcess", systemPackage]),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [
                .apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"]), .brew(["curl"]),
            ]
        ),
        roomOverC("HTTP", ["CCurl"]),
        roomOverC("YAML", ["CYAML"]),
        room("WebServer", [nioCore, nioHTTP1, nioPosix]),

        // Floor 2
        room("Linear", ["Domain", "HTTP"]),
        room("WorkflowFile", ["Domain", "Cron", "YAML", systemPackage]),
        room("Planner", ["Domain"]),
        room("Scheduler", ["Domain", "Cron", "Planner"]),
        room("Forge", ["Domain", "HTTP", "Disk", systemPackage]),
        room("RunStore", ["Domain", "Disk", "ProcessTree", systemPackage]),
        room("Prompt", ["Domain"]),
        room("Agent", ["Domain", systemPackage]),

        // Floor 3
        room("Verification", ["Domain", "ProcessTree", systemPackage]),
        room("Executor", ["Domain", "Disk", "ProcessTree", "RunStore", systemPackage]),

        // Floor 4
        room(
            "Service",
            [
                "Domain", "Cron", "Executor", "ProcessTree", "RunStore", "Scheduler", logging,
                systemPackage,
            ]
        ),
        room("Git", ["Domain", "ProcessTree", systemPackage, subprocess]),
        room("Sandbox", ["WebServer", systemPackage, subprocess]),

        // Tests
        tests("DomainTests", ["Domain", systemPackage]),
        tests("HTTPTests", ["HTTP"]),
        tests("LinearTests", ["Linear", "Domain", "HTTP"]),
        tests("DiskTests", ["Disk", "Domain", systemPackage]),
        tests("CronTests", ["Cron"], resources: [.copy("Fixtures")]),
        tests("VerificationTests", ["Verification", "Domain", systemPackage]),
        tests("GitTests", ["Git", "Domain", systemPackage, subprocess]),
        tests("RunStoreTests", ["RunStore", "Domain", "Disk", systemPackage]),
        tests("ProcessTreeTests", ["ProcessTree", systemPackage]),
        tests("PlannerTests", ["Planner", "Domain"]),
        tests("SchedulerTests", ["Scheduler", "Planner", "Cron", "Domain", systemPackage]),
        tests("YAMLTests", ["YAML"], resources: [.copy("Fixtures")]),
        tests("SandboxTests", ["Sandbox", "WebServer", systemPackage, subprocess]),
        tests(
            "WorkflowFileTests",
            ["WorkflowFile", "Domain", "Cron", "YAML", systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("WebServerTests", ["WebServer", nioCore, nioPosix]),
        tests("PromptTests", ["Prompt", "Domain", systemPackage]),
        tests(
            "AgentTests",
            ["Agent", "Domain", systemPackage],
            resources: [.copy("Fixtures")]
        ),
        tests("ForgeTests", ["Forge", "Domain", "HTTP", "Disk", systemPackage]),
    ]
)
