import ChatContracts
import Testing

@testable import MessagesService

@Suite("The memory of conversations")
struct ConversationCacheTests {
    private func state(_ number: Int, head: Int64 = 0) -> ConversationState {
        var state = ConversationState(
            new: ConversationID(high: 0, low: UInt64(number)), members: [], createdAt: Timestamp(milliseconds: 0))
        state.head = head
        return state
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `agrees with a plain list of what was used last`(seed: UInt64) {
        var source = SimulationSource(seed: seed)
        let capacity = 1 + source.below(6)
        var cache = ConversationCache(capacity: capacity)
        var model: [ConversationState] = []
        for step in 0..<400 {
            let number = source.below(10)
            let id = ConversationID(high: 0, low: UInt64(number))
            switch source.below(20) {
            case 0:
                cache.removeAll()
                model = []
            case 1..<10:
                let state = state(number, head: Int64(step))
                cache.remember(state)
                model.removeAll { $0.id == id }
                model.append(state)
                if model.count > capacity { model.removeFirst() }
            default:
                #expect(cache.state(of: id) == model.first { $0.id == id })
                if let place = model.firstIndex(where: { $0.id == id }) { model.append(model.remove(at: place)) }
            }
            #expect(cache.count == model.count)
        }
    }
}
