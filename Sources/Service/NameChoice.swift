import SystemPackage

/// Decides which file has a workflow's name when several want it.
enum NameChoice {
    struct Candidate {
        var file: FilePath
        /// The newest version; `nil` when there is none without errors.
        var wish: LoadedWorkflow?
        /// The version in force.
        var present: LoadedWorkflow?
    }

    /// Gives each name to one file: to the one that has it in force, or else to the first one.
    ///
    /// A file that doesn't get its name keeps its version in force, if it has one.
    ///
    /// - Parameter candidates: The files in their order; no two have the same name in force.
    /// - Returns: What each file has in force from now on, and for each that didn't get its name the file
    ///   that has it.
    static func settle(
        _ candidates: [Candidate]
    ) -> (inForce: [FilePath: LoadedWorkflow], losers: [FilePath: FilePath]) {
        var losers: [FilePath: FilePath] = [:]
        while true {
            var owners: [String: Candidate] = [:]
            var inForce: [FilePath: LoadedWorkflow] = [:]
            var isSettled = true
            for candidate in candidates {
                let isLoser = losers[candidate.file] != nil
                guard let workflow = isLoser ? candidate.present : candidate.wish else { continue }
                inForce[candidate.file] = workflow
                guard let other = owners.updateValue(candidate, forKey: workflow.name) else {
                    continue
                }
                let wins = candidate.present?.name == workflow.name
                losers[wins ? other.file : candidate.file] = wins ? candidate.file : other.file
                isSettled = false
                break
            }
            // Each round has one loser more, so this ends.
            if isSettled { return (inForce, losers) }
        }
    }
}
