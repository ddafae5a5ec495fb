#if PlantedMistakes
    import ServiceKit

    extension GatewayVariant {
        /// With the mistake that this process was told to make.
        static var ofThisBuild: GatewayVariant {
            var variant = GatewayVariant()
            switch PlantedMistake.chosen {
            case .noResync: variant.onMissedEvents = { _ in {} }
            case .revocationNotPublished:
                variant.publish = { _ in { _ in } }
                // The second line of defence would repair within seconds what this mistake does.
                variant.existingSessions = { _ in { Set($0) } }
            default: break
            }
            if PlantedMistake.withholdsDigests { variant.recentHeads = { _ in { _ in [:] } } }
            return variant
        }
    }
#else
    extension GatewayVariant {
        static let ofThisBuild = GatewayVariant()
    }
#endif
