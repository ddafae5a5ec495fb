import ChatContracts
import Synchronization

/// Finds the live streams of sessions that a change of password has ended. Usually the event about the change does it at
/// once; this is for events that got lost.
extension LiveStreams {
    /// Closes the streams of a user's sessions that have ended by what is known of the account's credential version.
    func closeOutdated(of user: UserID) { closeOutdated(of: [user]) }

    /// Asks for the versions of the users whose turn it is in this second, with one question for all, and of everybody
    /// after events may have been missed.
    func closeOutdated(_ second: Int) async {
        let groups = state.withLock { state in
            defer { state.mustAskForAllCredentials = false }
            return state.mustAskForAllCredentials
                ? state.registry.users
                : state.registry.users(inCredentialSlot: second % StreamRegistry.credentialSlots)
        }
        let users = groups.flatMap(\.self)
        guard !users.isEmpty else { return }
        await credentials.refresh(users)
        closeOutdated(of: users)
    }

    private func closeOutdated(of users: [UserID]) {
        // One after the other: events are delivered in between.
        for user in users {
            let streams = state.withLock { $0.registry.streams(of: user) }
            for stream in streams where credentials.isOutdated(stream.credentialVersion, of: user) { stream.finish() }
        }
    }
}
