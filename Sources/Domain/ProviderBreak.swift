#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// That a provider asked to be left alone for a while.
package struct ProviderBreak: Codable, Equatable, Sendable {
    /// Whom it's about.
    ///
    /// A usage limit is a whole provider's; an overload is one model's.
    package enum Scope: Codable, Equatable, Sendable {
        case provider(Provider)
        /// The model as the settings name it; `nil` for the program's own choice.
        case model(Provider, String?)

        private enum CodingKeys: String, CodingKey {
            case provider
            case model
            case allModels = "all_models"
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let provider = try container.decode(Provider.self, forKey: .provider)
            if try container.decode(Bool.self, forKey: .allModels) {
                self = .provider(provider)
            } else {
                self = .model(provider, try container.decodeIfPresent(String.self, forKey: .model))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .provider(let provider):
                try container.encode(provider, forKey: .provider)
                try container.encode(true, forKey: .allModels)
            case .model(let provider, let model):
                try container.encode(provider, forKey: .provider)
                try container.encode(false, forKey: .allModels)
                try container.encodeIfPresent(model, forKey: .model)
            }
        }
    }
    package var scope: Scope
    package var until: Date

    package init(scope: Scope, until: Date) {
        self.scope = scope
        self.until = until
    }

    /// Whether this agent must not be asked meanwhile.
    package func holds(_ agent: AgentSettings) -> Bool {
        switch scope {
        case .provider(let provider): provider == agent.provider
        case .model(let provider, let model): provider == agent.provider && model == agent.model
        }
    }
}
