#if PlantedMistakes
    import ChatContracts
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
            case .membersNotAskedAgain:
                variant.groupMembers = { lookUp in
                    { id in
                        // No event names a later version.
                        try await lookUp(id).map { GroupMembersList(version: .max, members: $0.members) }
                    }
                }
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
