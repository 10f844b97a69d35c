package import SystemPackage

extension FilePath {
    /// The path as a person in `folder` would write it.
    package func shown(from folder: FilePath) -> FilePath {
        var relative = self
        return relative.removePrefix(folder) && !relative.isEmpty ? relative : self
    }
}
