import ChatContracts
import MongoStore

extension GroupState {
    init(bson: BSONDocument) throws(BSONError) {
        self.init(
            name: try bson.string(ConversationField.groupName), about: try bson.string(ConversationField.groupAbout),
            showsHistory: try bson.bool(ConversationField.groupShowsHistory),
            memberCount: Int(try bson.counter(ConversationField.groupMemberCount)),
            owners: Int(try bson.counter(ConversationField.groupOwners)),
            version: try bson.counter(ConversationField.groupVersion))
        for invitation in try bson.optionalDocuments(ConversationField.groupInvitations) ?? [] {
            invitations.append(try GroupInvitation(bson: invitation))
        }
    }

    func write(to writer: inout BSONWriter) {
        writer.append(ConversationField.groupName, name)
        writer.append(ConversationField.groupAbout, about)
        writer.append(ConversationField.groupShowsHistory, showsHistory)
        writer.append(ConversationField.groupMemberCount, Int64(memberCount))
        writer.append(ConversationField.groupOwners, Int64(owners))
        writer.append(ConversationField.groupVersion, version)
        guard !invitations.isEmpty else { return }
        writer.array(ConversationField.groupInvitations) { array in
            for invitation in invitations { array.document { invitation.write(to: &$0) } }
        }
    }
}
