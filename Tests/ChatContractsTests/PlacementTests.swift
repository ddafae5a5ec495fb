import ChatContracts
import Testing

/// What decides where a conversation and a user live. These values must never change: other releases, and messages
/// that wait in queues, rely on them.
@Suite struct PlacementTests {
    @Test(
        arguments: [
            ("00000000000000000000000000000000", UInt64(0x8820_1fb9_60ff_6465), 5, 101),
            ("00000000000000000000000000000001", UInt64(0x8820_1eb9_60ff_62b2), 2, 178),
            ("00112233445566778899aabbccddeeff", UInt64(0x52a3_9b8a_741b_3ef5), 5, 245),
            ("0123456789abcdef0123456789abcdef", UInt64(0x3d53_a237_62e9_e0a5), 5, 165),
            ("f656c69cff1e1c7570eaa73122853d47", UInt64(0x0), 6, -1),
        ])
    func `hash, shard and bucket are pinned`(text: String, hash: UInt64, shard: Int, bucket: Int) throws {
        let user = try #require(UserID(text))
        let conversation = try #require(ConversationID(text))
        #expect(Topology.shard(of: conversation) == shard)
        if bucket >= 0 {
            #expect(StableHash.fnv1a(user) == hash)
            #expect(Topology.bucket(of: user) == bucket)
        }
    }

    @Test func `random identifiers spread evenly`() {
        var shards = Array(repeating: 0, count: Topology.shardCount)
        var buckets = Array(repeating: 0, count: Topology.bucketCount)
        for _ in 0..<25_600 {
            shards[Topology.shard(of: .random())] += 1
            buckets[Topology.bucket(of: .random())] += 1
        }
        #expect(shards.allSatisfy { (2_900...3_500).contains($0) }, "\(shards)")
        #expect(buckets.allSatisfy { (40...170).contains($0) }, "\(buckets)")
    }

    @Test func `a direct conversation's id is pinned, whoever begins`() throws {
        let one = try #require(UserID("00112233445566778899aabbccddeeff"))
        let other = try #require(UserID("0123456789abcdef0123456789abcdef"))
        let third = try #require(UserID("80000000000000000000000000000000"))
        #expect(ConversationID.direct(one, other).description == "f656c69cff1e1c7570eaa73122853d47")
        #expect(ConversationID.direct(other, one).description == "f656c69cff1e1c7570eaa73122853d47")
        #expect(ConversationID.direct(third, one).description == "7df2230d6f592bf7d528771df0b1b0ec")
    }

    @Test func `names of queues and keys are pinned`() {
        #expect(Topology.shardCount == 8)
        #expect(Topology.bucketCount == 256)
        #expect(Topology.messageCommands(shard: 7) == "messages.commands.7")
        #expect(Topology.bucketKey(255) == "bucket.255")
        #expect(Topology.gatewayReplies(instance: "gateway-1") == "gateway.gateway-1.replies")
        #expect(Topology.gatewayEvents(instance: "gateway-1") == "gateway.gateway-1.events")
    }
}
