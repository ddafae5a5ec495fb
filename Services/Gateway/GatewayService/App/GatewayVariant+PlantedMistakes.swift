#if PlantedMistakes
    import ChatContracts
    import ServiceKit
    import Synchronization

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
            case .membersNeverForgotten:
                variant.groupMembers = { lookUp in
                    let known = Mutex<[ConversationID: [UserID: GroupMembersList.Member]]>([:])
                    return { id in
                        guard let list = try await lookUp(id) else { return nil }
                        return known.withLock { known in
                            for member in list.members { known[id, default: [:]][member.user] = member }
                            return GroupMembersList(version: list.version, members: Array((known[id] ?? [:]).values))
                        }
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
